/**
 * Owns the shapes of the API's answers, as far as the command line reads them.
 * Must not know how they are shown. Source: `contracts.md`, section 1a.
 */

/** Amounts are minor units of the currency beside them, or of the escrow's. */
type Money = { readonly amount: number; readonly currency: string };

export type Deadline = {
  readonly name: string;
  readonly at: string;
  readonly milestone: string | null;
  readonly who: readonly string[];
  readonly otherwise: string;
  readonly moves: Money;
};

export type Dispute = { readonly id: string; readonly status: string };

export type Proposal = {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly by: string;
};

export type Milestone = {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly amount: number;
  readonly held: number;
  readonly due_at: string;
  readonly overdue: boolean;
  readonly dispute: Dispute | null;
};

export type Escrow = {
  readonly object: 'escrow';
  readonly id: string;
  readonly status: string;
  readonly close_reason: string | null;
  readonly disputed: boolean;
  readonly on_hold: boolean;
  readonly title: string;
  readonly currency: string;
  readonly amount: number;
  readonly terms_hash: string;
  readonly parties: readonly {
    readonly id: string;
    readonly account_id: string;
    readonly role: string;
    readonly status: string;
  }[];
  readonly milestones: readonly Milestone[];
  readonly proposals: readonly Proposal[];
  readonly money: Readonly<Record<string, number>>;
  readonly disbursement: {
    readonly pending: number;
    readonly settled: number;
    readonly failed: number;
  };
  readonly next_actions: readonly {
    readonly action: string;
    readonly kind: string | null;
    readonly milestone: string | null;
    readonly roles: readonly string[];
    readonly until: string | null;
  }[];
  readonly deadlines: readonly Deadline[];
  readonly test_clock: string | null;
};

export type EscrowEvent = {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly at: string;
  readonly status: string;
  readonly actor: { readonly kind: string; readonly account: string | null };
};

export type Timeline = {
  readonly escrow: string;
  readonly now: string;
  readonly data: readonly (
    | { readonly kind: 'event'; readonly at: string; readonly event: EscrowEvent }
    | { readonly kind: 'deadline'; readonly at: string; readonly deadline: Deadline }
  )[];
};

export type Line = { readonly account: string; readonly currency: string; readonly amount: number };

export type Journal = {
  readonly id: number;
  readonly type: string;
  readonly at: string;
  readonly lines: readonly Line[];
};

export type Books = {
  readonly accounts: readonly {
    readonly code: string;
    readonly currency: string;
    readonly debit: number;
    readonly credit: number;
    readonly balance: number;
  }[];
  readonly journals: readonly Journal[];
};

export type Proof = {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
};

export type TrialBalance = {
  readonly currency: string;
  readonly accounts: readonly {
    readonly code: string;
    readonly debit: number;
    readonly credit: number;
  }[];
  readonly debit: number;
  readonly credit: number;
};

export type Clock = {
  readonly id: string;
  readonly now: string;
  readonly status: 'ready' | 'advancing';
};

export type Disbursement = {
  readonly id: string;
  readonly recipient: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly attempts: readonly {
    readonly n: number;
    readonly reference: string;
    readonly state: string;
  }[];
};

/** A payout in the bank's own book. */
export type BankPayout = {
  readonly reference: string;
  readonly state: string;
  readonly amount: number;
  readonly currency: string;
};

export type List<T> = { readonly data: readonly T[]; readonly has_more: boolean };

type Posted = { readonly account: string; readonly amount: number };

/** Terms played through without an engine: `escrow.md`, section 10. */
export type Preview = {
  readonly object: 'preview';
  readonly currency: string;
  readonly moments: readonly {
    readonly at: string;
    /** An account, `platform`, `clock` or `provider`. */
    readonly by: string;
    readonly command: string;
    readonly refusal: { readonly code: string; readonly detail: string | null } | null;
    readonly events: readonly { readonly type: string; readonly status: string }[];
    readonly journals: readonly { readonly type: string; readonly lines: readonly Posted[] }[];
    readonly balances: readonly Posted[];
    readonly deadlines: readonly Deadline[];
  }[];
  readonly status: string;
  readonly money: Readonly<Record<string, number>>;
};

export type Problem = {
  readonly title: string;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  readonly status: number;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly current_status?: string;
  readonly allowed_actions?: readonly string[];
};
