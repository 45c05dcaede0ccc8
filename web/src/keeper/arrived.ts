import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { Run } from '../../../server/src/engine/wire.ts'

/**
 * Puts what an event brought into a query. A fetch that is under way asked before the event, so its
 * answer may be older than the event: it is dropped.
 */
export function arrived<T>(client: QueryClient, queryKey: QueryKey, data: T | ((before?: T) => T)) {
  void client.cancelQueries({ queryKey, exact: true })
  client.setQueryData<T>(queryKey, data)
}

/** The same for a run. Two streams bring its events, and the slower one must not take an end back. */
export function runArrived(client: QueryClient, run: Run) {
  arrived<Run>(client, ['run', run.id], before => (before?.state === 'ended' ? before : run))
}
