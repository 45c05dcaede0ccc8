import type { ReactNode } from 'react'
import type { CheckinView } from '../../../server/src/watch/checkins/wire.ts'
import type { ProbeView } from '../../../server/src/watch/probes/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime, duration } from '../kit/words.ts'
import { useCheckins, useProbes } from './queries.ts'

const TONES: Record<ProbeView['state'] | CheckinView['state'], Tone> = {
  ...{ ok: 'ink', running: 'busy', waiting: 'soft', paused: 'soft' },
  ...{ late: 'warn', failing: 'bad', missed: 'bad', failed: 'bad' },
}

/** What is asked of an app besides the health of its instances, and the jobs that must call. */
export function Probes({ app }: { app: string }) {
  const { data: probes = [] } = useProbes(app)
  const { data: checkins = [] } = useCheckins(app)
  // An app of which nothing is asked has nothing to show.
  if (probes.length + checkins.length === 0) return null
  return (
    <Card title="Probes and checkins">
      <ul aria-label="probes and checkins">
        {probes.map(probe => (
          <Probe key={`${probe.name} ${probe.instance ?? ''}`} probe={probe} />
        ))}
        {checkins.map(checkin => (
          <Job key={checkin.name} checkin={checkin} />
        ))}
      </ul>
    </Card>
  )
}

function Probe({ probe: { name, instance, state, asks, last } }: { probe: ProbeView }) {
  return (
    <Row name={instance === null ? name : `${name} ${instance}`} state={state} about={asks}>
      {last === null ? (
        'not asked yet'
      ) : (
        <>
          {last.said}, in {duration(last.ms)}, <Ago at={last.at} />
        </>
      )}
    </Row>
  )
}

function Job({ checkin: { name, state, endedAt, next } }: { checkin: CheckinView }) {
  const about = next === null ? 'a job' : `a job, expected at ${dateTime(next)}`
  return (
    <Row name={name} state={state} about={about}>
      {endedAt === null ? (
        'it has not called yet'
      ) : (
        <>
          ended well <Ago at={endedAt} />
        </>
      )}
    </Row>
  )
}

interface RowProps {
  name: string
  state: keyof typeof TONES
  about: string
  children: ReactNode
}

function Row({ name, state, about, children }: RowProps) {
  return (
    <li data-state={state} className="flex gap-3 border-b border-line px-4 py-2 last:border-b-0">
      <div className="w-20 shrink-0">
        <Badge tone={TONES[state]}>{state}</Badge>
      </div>
      <div className="min-w-0">
        <p className="break-words">
          <span className="font-medium">{name}</span> <span className="text-soft">{about}</span>
        </p>
        <p className="text-sm break-words text-soft">{children}</p>
      </div>
    </li>
  )
}
