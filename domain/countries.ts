/**
 * Owns which currency is that of a country (ISO 3166-1 alpha-2), for the rule of `escrow.md`,
 * section 1: parties of one country deal in its own currency.
 * Must not know who is where.
 */
import { CURRENCIES } from './currencies';

/** Countries whose currency does not begin with their own two letters, or that have several. */
const SHARED: Readonly<Record<string, string>> = {
  AUD: 'AU CC CX HM KI NF NR TV',
  CHF: 'CH LI',
  DKK: 'DK FO GL',
  EUR: `AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT
    RE SI SK SM TF VA YT`,
  GBP: 'GB GG GS IM JE',
  ILS: 'IL PS',
  MAD: 'MA EH',
  NOK: 'NO BV SJ',
  NZD: 'NZ CK NU PN TK',
  USD: 'US AS BQ EC FM GU IO MH MP PR PW SV TC TL UM VG VI',
  XAF: 'CF CG CM GA GQ TD',
  XCD: 'AG AI DM GD KN LC MS VC',
  XCG: 'CW SX',
  XOF: 'BF BJ CI GW ML NE SN TG',
  XPF: 'NC PF WF',
};

/** Units of account beside a country's money. */
const FUNDS = ['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'USN', 'UYI', 'UYW', 'VED'];

/** The currency of a country; null for what is no country with a currency of its own. */
export function localCurrency(country: string): string | null {
  if (!/^[A-WYZ][A-Z]$/.test(country) || country === 'EU') return null; // ISO leaves X to users
  const shared = Object.entries(SHARED).find(([, all]) => all.split(/\s+/).includes(country));
  if (shared) return shared[0];
  const codes = Object.keys(CURRENCIES).filter((code) => !FUNDS.includes(code));
  return codes.find((code) => code.startsWith(country)) ?? null;
}

export const isCountry = (text: string): boolean => localCurrency(text) !== null;
