/**
 * Owns the contract of the port: what every provider must do, shown on its double
 * (`providers.md`, section 12). One suite; a provider brings a double.
 * Must not know which provider it is, nor its paths, bodies or signatures.
 */
import { toMinor } from '../../domain/money';
import { comesToAnEndInAllDoubt, doesThingsOnce, doubtsUntilItHasRead } from './contract-doubts';
import { reachesAnEnd, waits } from './contract-ends';
import {
  cancels,
  keepsAmounts,
  looksUp,
  readsWebhooks,
  refusesForgedWebhooks,
} from './contract-reads';
import { type Bench, benchOf, type Double, takeOrder } from './double';

/** The suite. `setUp` runs once; the orders of each test have references of their own. */
export function providerContract(title: string, setUp: () => Promise<Double>): void {
  describe(`the contract of a provider, kept by ${title}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = benchOf(await setUp());
      await bench.give('take', takeOrder({ amount: toMinor(1_000_000_000) })); // for the payouts
    });
    afterAll(() => bench.double.close());

    const groups = [
      reachesAnEnd,
      waits,
      doesThingsOnce,
      doubtsUntilItHasRead,
      comesToAnEndInAllDoubt,
      looksUp,
      cancels,
      readsWebhooks,
      refusesForgedWebhooks,
      keepsAmounts,
    ];
    for (const group of groups) group(() => bench);
  });
}
