/**
 * Owns the process that runs the bare workflow: the same limits as the worker of escrows.
 * Must not know Holdfast.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

async function main(): Promise<void> {
  const [, , address, namespace, taskQueue] = process.argv;
  if (!address || !namespace || !taskQueue) throw new Error('address, namespace, queue');
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./bare-workflow'),
    maxCachedWorkflows: 600,
    maxConcurrentWorkflowTaskExecutions: 40,
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
