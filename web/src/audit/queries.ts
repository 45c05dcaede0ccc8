import { useInfiniteQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { AuditEntry } from '../../../server/src/reach/audit/wire.ts'
import { ask } from '../keeper/request.ts'

/** Entries of one page. */
const PAGE = 25

export interface AuditFilter {
  /** Name of an app; empty: of all, and of none. */
  app: string
  /** Part of the name of a person or a token; empty: anybody. */
  actor: string
}

/** The audit log, newest first, page by page. */
export const useAudit = (filter: AuditFilter) =>
  useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam: before }) => ask(z.array(AuditEntry), address(filter, before)),
    initialPageParam: null as number | null,
    getNextPageParam: page => (page.length < PAGE ? undefined : page.at(-1)!.id),
    refetchInterval: 15_000,
  })

function address({ app, actor }: AuditFilter, before: number | null): string {
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (app !== '') query.set('app', app)
  if (actor !== '') query.set('actor', actor)
  if (before !== null) query.set('before', String(before))
  return `/api/audit?${query}`
}
