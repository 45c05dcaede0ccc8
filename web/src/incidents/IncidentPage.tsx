import { Link } from '@tanstack/react-router'
import type { IncidentDetail } from '../../../server/src/watch/incidents/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime, duration, number } from '../kit/words.ts'
import { useMay } from '../people/me.ts'
import { Helping } from '../runbooks/Helping.tsx'
import { FollowUpForm, InHand, NoteForm, Review } from './Acts.tsx'
import { Entries } from './Entries.tsx'
import { FollowUps } from './FollowUps.tsx'
import { Public } from './Public.tsx'
import { useIncident } from './queries.ts'
import { Severity, State } from './Severity.tsx'

/** One incident: what is known, what can be done, and its timeline. */
export function IncidentPage({ id }: { id: string }) {
  const incident = useIncident(id)
  return (
    <Loaded query={incident} rows={8}>
      {one => <Shown one={one} />}
    </Loaded>
  )
}

function Shown({ one }: { one: IncidentDetail }) {
  const mayAct = useMay('operator', one.app)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="grid gap-1">
        <p className="text-xs text-soft">
          <Link to="/incidents" className="link">
            Incidents
          </Link>{' '}
          #{one.id}
        </p>
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-2xl font-semibold tracking-tight break-words">
          {one.title}
        </h1>
        <p className="flex flex-wrap items-center gap-2">
          <Severity of={one} />
          <State of={one} />
          {one.impact && <span className="text-soft">{one.impact}</span>}
        </p>
      </div>
      <Figures one={one} />
      {mayAct && one.state !== 'resolved' && <InHand one={one} />}
      {mayAct && one.state !== 'resolved' && <Helping id={one.id} app={one.app} />}
      <Public one={one} mayAct={mayAct} />
      <Card title="Timeline" aside={<span className="text-xs text-soft">the newest first</span>}>
        {mayAct && <NoteForm id={one.id} />}
        <Entries timeline={one.timeline} />
      </Card>
      <Card title="To be done">
        {one.followUps.length === 0 ? (
          <Empty>Nothing was decided yet.</Empty>
        ) : (
          <FollowUps followUps={one.followUps} mayAct={mayAct} />
        )}
        {mayAct && <FollowUpForm id={one.id} />}
      </Card>
      {mayAct && <Review id={one.id} />}
    </div>
  )
}

function Figures({ one }: { one: IncidentDetail }) {
  const { beganAt, openedAt, openedBy, acknowledged, resolved, requests, errors, app, lead } = one
  const after = (from: string, to: string) => duration(Math.max(0, Date.parse(to) - Date.parse(from)))
  const facts: Array<[string, React.ReactNode]> = [
    [
      'Of',
      app ? (
        <Link key="app" to="/apps/$app" params={{ app }} className="link">
          {app}
        </Link>
      ) : (
        'the server'
      ),
    ],
    ['Led by', lead ?? 'nobody yet'],
    [
      'Began',
      <span key="began" title={dateTime(beganAt)}>
        <Ago at={beganAt} />
      </span>,
    ],
    ['Noticed', `after ${after(beganAt, openedAt)}, by ${openedBy}`],
    ['In hand', acknowledged === null ? 'not yet' : `after ${after(openedAt, acknowledged.at)}`],
    ['Over', resolved === null ? 'not yet' : `after ${after(beganAt, resolved.at)}`],
    ['Requests', `${number(requests)}, ${number(errors)} failed`],
  ]
  return (
    <Card title="What is known">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 p-4 sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
