/**
 * Owns the metrics of a process: their names, labels and buckets, and how they are shown.
 * Must not know when something is counted.
 */
import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 15];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The metrics of one process: `name` (api, worker, sandbox) is a label on each.
 * Times are in seconds, amounts in minor units. Made once, in main.ts, and passed on.
 */
export function createMetrics(name: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ process: name });
  collectDefaultMetrics({ register: registry, prefix: 'holdfast_' });
  const counter = <L extends string>(called: string, help: string, labels: readonly L[]) =>
    new Counter({ name: `holdfast_${called}`, help, labelNames: labels, registers: [registry] });
  const gauge = <L extends string>(called: string, help: string, labels: readonly L[]) =>
    new Gauge({ name: `holdfast_${called}`, help, labelNames: labels, registers: [registry] });
  const histogram = <L extends string>(called: string, help: string, labels: readonly L[]) =>
    new Histogram({
      name: `holdfast_${called}`,
      help,
      labelNames: labels,
      buckets: SECONDS,
      registers: [registry],
    });
  return {
    registry,
    /** One observation a request; `route` is the pattern, never the path. */
    requests: histogram('http_request_seconds', 'HTTP requests', ['method', 'route', 'status']),
    /** From the request to the recorded outcome. */
    commands: histogram('command_seconds', 'Commands until answered', ['command', 'outcome']),
    refusals: counter('refusals_total', 'Commands refused', ['command', 'code']),
    /** The one database call of a step. */
    records: histogram('record_seconds', 'Steps recorded', ['outcome']),
    effects: counter('effects_total', 'Effects by their new state', ['kind', 'state']),
    providerCalls: histogram('provider_call_seconds', 'Calls to a provider', ['call', 'outcome']),
    webhooks: counter('webhooks_total', 'Webhooks of providers', ['provider', 'outcome']),
    outbox: gauge('outbox_waiting', 'Outbox rows that wait', []),
    waiting: gauge('commands_waiting', 'Commands that nobody has taken', []),
    stuck: gauge('escrows_stuck', 'Escrows that need a person', []),
    held: gauge('held_minor', 'Money held, in minor units', ['currency']),
  };
}

/**
 * Serves `/metrics` on 127.0.0.1 for a process without HTTP of its own. The caller closes it.
 * Rejects when the port is taken.
 */
export function serveMetrics({ registry }: Metrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}
