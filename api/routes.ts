/**
 * Owns the list of all routes: the router and the reference are made from it.
 * Must not know what a route does.
 */
import { accountRoutes } from './accounts';
import { bookRoutes } from './books';
import { commandStatusRoutes } from './commands';
import { deadlineFeedRoutes } from './deadline-feed';
import { destinationRoutes } from './destinations';
import { disbursementRoutes } from './disbursements';
import { disputeRoutes } from './disputes';
import { docsRoutes } from './docs-page';
import type { Endpoint } from './endpoint';
import { commandRoutes } from './escrow-commands';
import { escrowListRoutes } from './escrow-list';
import { escrowRoutes } from './escrows';
import { eventRoutes } from './events';
import { feeQuoteRoutes } from './fee-quotes';
import { healthRoutes } from './health';
import { installationRoutes } from './installation';
import { ledgerRoutes } from './ledger';
import { attentionRoutes } from './needs-attention';
import type { OpenEndpoint } from './open-endpoint';
import { partyRoutes } from './parties';
import { paymentRoutes } from './payments';
import { policyRoutes } from './policy';
import { previewRoutes } from './preview';
import { proposalRoutes } from './proposals';
import { webhookRoutes } from './provider-webhooks';
import { refundRoutes } from './refunds';
import { reserveRoutes } from './reserves';
import { sandboxRoutes } from './sandbox-routes';
import { testClockRoutes } from './test-clocks';
import { walletRoutes } from './wallets';
import { webhookDeliveryRoutes } from './webhook-deliveries';
import { webhookEndpointRoutes } from './webhook-endpoints';
import { withdrawalRoutes } from './withdrawals';

/** Routes that need a key. */
export const ROUTES: readonly Endpoint[] = [
  ...accountRoutes,
  ...destinationRoutes,
  ...walletRoutes,
  ...withdrawalRoutes,
  ...feeQuoteRoutes,
  ...policyRoutes,
  ...escrowRoutes,
  ...previewRoutes,
  ...escrowListRoutes,
  ...commandRoutes,
  ...partyRoutes,
  ...proposalRoutes,
  ...paymentRoutes,
  ...disbursementRoutes,
  ...refundRoutes,
  ...reserveRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
  ...webhookDeliveryRoutes,
  ...deadlineFeedRoutes,
  ...bookRoutes,
  ...ledgerRoutes,
  ...commandStatusRoutes,
  ...attentionRoutes,
  ...installationRoutes,
  ...testClockRoutes,
  ...sandboxRoutes,
];

/** Routes that anybody may call. */
export const OPEN_ROUTES: readonly OpenEndpoint[] = [
  ...webhookRoutes,
  ...healthRoutes,
  ...docsRoutes,
];
