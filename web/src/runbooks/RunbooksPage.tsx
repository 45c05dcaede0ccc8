import { Link, useNavigate } from '@tanstack/react-router'
import type { WalkSummary } from '../../../server/src/watch/runbooks/wire.ts'
import { useStatus } from '../keeper/status.ts'
import { Badge } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Select } from '../kit/Select.tsx'
import { Ago } from '../kit/time.tsx'
import { mayAnywhere, useMe } from '../people/me.ts'
import { useRunbooks, useWalks } from './queries.ts'
import { RunbookList } from './RunbookList.tsx'

/** What to do when something is wrong, and who did. */
export function RunbooksPage({ app }: { app: string | null }) {
  const { data: me } = useMe()
  const { data: status } = useStatus()
  const go = useNavigate()
  const runbooks = useRunbooks({ app })
  const names = status?.apps.map(one => one.name) ?? []
  const pick = (value: string) =>
    void go({ to: '/runbooks', search: value === '' ? {} : { app: value }, replace: true })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h1 className="text-2xl font-semibold tracking-tight">Runbooks</h1>
        <div className="w-56">
          <Select
            label="for"
            value={app ?? ''}
            options={[['', 'the server'], ...names.map(name => [name, name] as const)]}
            onChange={pick}
          />
        </div>
      </div>
      <Card title="What to do when something is wrong">
        <Loaded query={runbooks} rows={8}>
          {all => <RunbookList runbooks={all} of={{ app }} />}
        </Loaded>
      </Card>
      {me && mayAnywhere(me, 'operator') && <Walks />}
    </div>
  )
}

function Walks() {
  const walks = useWalks()
  return (
    <Card title="Who walked through one">
      <Loaded query={walks} rows={4}>
        {all => (all.length === 0 ? <Empty>Nobody has yet.</Empty> : <WalkList walks={all} />)}
      </Loaded>
    </Card>
  )
}

export function WalkList({ walks }: { walks: readonly WalkSummary[] }) {
  return (
    <ul aria-label="walks" className="divide-y divide-line">
      {walks.map(({ id, title, app, state, by, begunAt, dry }) => (
        <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
          <Link to="/walks/$id" params={{ id: String(id) }} className="link font-medium break-words">
            {title}
          </Link>
          <Badge tone={state === 'open' ? 'busy' : 'soft'}>
            {state === 'open' ? 'goes on' : dry && state === 'done' ? 'plan' : state}
          </Badge>
          <span className="text-xs text-soft">
            {app ?? 'the server'}, by {by} <Ago at={begunAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}
