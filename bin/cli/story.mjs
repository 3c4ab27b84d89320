/**
 * Owns what a story of `holdfast demo` is made of: people, terms and steps as data, and the people
 * and steps that most stories have.
 * Must not know any story (`stories.mjs`), nor how a step is carried out (`play.mjs`).
 */

/**
 * @typedef {{ name: string, role: 'buyer' | 'seller' | 'broker', destination?: string }} Person
 *   `destination`: the name that the bank knows, when it is another; it can script the bank:
 *   docs/sandbox.md
 * @typedef {{ title: string, amount: number, days: number, inspection?: number,
 *   recipients?: readonly { who: string, share_bps: number }[] }} Part due so many days from now
 *
 * @typedef {{ says: string, by: string, do: string, milestone?: number, body?: object }} Act a
 *   command of the API by a person, or by `platform`
 * @typedef {{ says: string, by: string, propose: 'amendment' | 'settlement', milestone: number,
 *   content: object }} Propose `content`: what is proposed of this milestone
 * @typedef {{ says: string, by: string, propose: 'extension', milestone: number,
 *   days: number }} Extend to so many days from now
 * @typedef {{ says: string, by: string, accepts: 'proposal' }} Agree to the one that is open
 * @typedef {{ says: string, wait: 'status' | 'payouts', for: string }} Wait
 * @typedef {{ says: string, until: string }} Until this event has happened
 * @typedef {{ says: string, silence: string }} Silence nobody acts: the clock goes from deadline
 *   to deadline until this event has happened
 * @typedef {{ says: string, later: number }} Later the clock goes on by so many days
 * @typedef {{ says: string, redirect: string, of: string }} Redirect whose failed payout goes to
 *   a new destination of this name
 * @typedef {{ says: string, killed: 'worker' }} Killed the failpoint of the story has struck
 * @typedef {Act | Propose | Extend | Agree} Deed of a person
 * @typedef {Deed | Wait | Until | Silence | Later | Redirect | Killed} Step
 *
 * @typedef {{ about: string, people: Readonly<Record<string, Person>>, by: string,
 *   type: 'one_off' | 'milestone', parts: readonly Part[], fees?: readonly object[],
 *   clock: boolean, failpoints?: string, steps: readonly Step[],
 *   ends: { status: string, payouts: Readonly<Record<string, readonly number[]>> } }} Story
 *   `by`: who creates it; `payouts`: what the bank has paid for good, by person
 */

export const BUYER = /** @type {Person} */ ({ name: 'Ada', role: 'buyer' });
export const SELLER = /** @type {Person} */ ({ name: 'Ben', role: 'seller' });
export const WEBSITE = { title: 'A website', amount: 125_000, days: 14 };

/** @type {Step} */
export const ACCEPT = { says: 'accepts exactly these terms', by: 'seller', do: 'accept' };
/** @type {readonly Step[]} */
export const PAID = [
  { says: 'pays; the bank settles at once', by: 'buyer', do: 'pay' },
  { says: 'the money is held', wait: 'status', for: 'in_progress' },
];
/** @type {readonly Step[]} */
export const FUNDED = [ACCEPT, ...PAID];

/** @param {number} milestone @param {string} title @returns {readonly Step[]} */
export const doneAndApproved = (milestone, title) => [
  { says: `delivers: ${title}`, by: 'seller', do: 'mark_done', milestone },
  { says: `approves: ${title}`, by: 'buyer', do: 'approve', milestone },
];

/** @type {Step} */
export const PAID_OUT = { says: 'the payout is settled', wait: 'payouts', for: 'settled' };
