/**
 * Owns the contract of the port: what every provider must do, shown on its double
 * (`providers.md`, section 12). One suite; a provider brings a double.
 * Must not know which provider it is, nor its paths, bodies or signatures.
 */
import { comesToAnEndInAllDoubt, doesThingsOnce, doubtsUntilItHasRead } from './contract-doubts';
import { givesBack, reachesAnEnd, waits } from './contract-ends';
import {
  cancels,
  keepsAmounts,
  looksUp,
  readsWebhooks,
  refusesForgedWebhooks,
} from './contract-reads';
import { type Bench, benchOf, type Double, LARGE } from './double';

/** The suite. `setUp` runs once; the orders of each test have references of their own. */
export function providerContract(title: string, setUp: () => Promise<Double>): void {
  describe(`the contract of a provider, kept by ${title}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = benchOf(await setUp());
      await bench.give('take', LARGE);
    });
    afterAll(() => bench.double.close());

    const groups = [
      reachesAnEnd,
      waits,
      givesBack,
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
