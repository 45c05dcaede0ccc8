import { Link } from '@tanstack/react-router'
import type { WalkItem, WalkView } from '../../../server/src/watch/runbooks/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Output } from '../kit/Output.tsx'
import { Ago } from '../kit/time.tsx'
import { duration } from '../kit/words.ts'
import { useMay } from '../people/me.ts'
import { Prose } from './Prose.tsx'
import { useStop, useWalk } from './queries.ts'
import { Turn } from './Turn.tsx'
import { MARKS } from './words.ts'

/** A walk through a runbook: what was found, and what comes next. */
export function WalkPage({ id }: { id: string }) {
  const walk = useWalk(id)
  return (
    <Loaded query={walk} rows={8}>
      {one => <Shown walk={one} />}
    </Loaded>
  )
}

function Shown({ walk }: { walk: WalkView }) {
  const mayAct = useMay('operator', walk.app)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Head walk={walk} mayAct={mayAct} />
      <Prose text={walk.about} />
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {walk.sections.map((section, n) => (
          <Section key={section.title} walk={walk} n={n} mayAct={mayAct} />
        ))}
      </ol>
      {walk.state === 'done' && (
        <p className="text-soft">
          {walk.dry ? 'This is what it would do. Nothing was changed.' : 'The runbook is done.'}
        </p>
      )}
    </div>
  )
}

function Head({ walk, mayAct }: { walk: WalkView; mayAct: boolean }) {
  const stop = useStop(walk.id)
  const { id, title, app, incident, by, begunAt, state, dry } = walk
  return (
    <div className="grid gap-1">
      <p className="text-xs text-soft">
        <Link to="/runbooks" search={app === null ? {} : { app }} className="link">
          Runbooks
        </Link>{' '}
        walk #{id}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
        <Badge tone={state === 'open' ? 'busy' : 'soft'}>{state === 'open' ? 'goes on' : state}</Badge>
        {dry && <Badge>nothing is changed</Badge>}
        {mayAct && state === 'open' && (
          <Button small className="ml-auto" busy={stop.isPending} onClick={() => stop.mutate(undefined)}>
            End it here
          </Button>
        )}
      </div>
      <p className="flex flex-wrap gap-x-3 text-sm text-soft">
        {app !== null && (
          <Link to="/apps/$app" params={{ app }} className="link">
            {app}
          </Link>
        )}
        {incident !== null && (
          <Link to="/incidents/$id" params={{ id: String(incident) }} className="link">
            incident #{incident}
          </Link>
        )}
        <span>
          begun by {by} <Ago at={begunAt} />
        </span>
      </p>
      {stop.error != null && <ErrorBox error={stop.error} />}
    </div>
  )
}

function Section({ walk, n, mayAct }: { walk: WalkView; n: number; mayAct: boolean }) {
  const { title, prose } = walk.sections[n]!
  const items = walk.items.flatMap((item, ix) => (item.section === n ? [{ item, ix }] : []))
  const passed = items.some(({ item }) => item.state === 'passed')
  const here = items.some(({ ix }) => ix === walk.next)
  const question = items.find(({ item }) => item.kind === 'question')?.item
  return (
    <li
      data-section={n}
      aria-current={here ? 'step' : undefined}
      className={`rounded-lg border bg-card ${here ? 'border-busy' : 'border-line'}`}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-2 px-4 py-3">
        <h2 className={`flex flex-wrap items-center gap-2 font-semibold ${passed ? 'text-soft' : ''}`}>
          {title}
          {question && question.state !== 'pending' && <Mark item={question} />}
          {passed && <span className="text-xs font-normal text-soft">the rest does not apply</span>}
        </h2>
        {!passed && <Prose text={prose} />}
        {!passed && (
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-2">
            {items.map(({ item, ix }) => (
              <Item key={ix} {...{ walk, item, ix, mayAct }} />
            ))}
          </ul>
        )}
      </div>
    </li>
  )
}

interface Props {
  walk: WalkView
  item: WalkItem
  ix: number
  mayAct: boolean
}

function Item({ walk, item, ix, mayAct }: Props) {
  const lines = item.output === null || item.output === '' ? [] : item.output.trimEnd().split('\n')
  const open = walk.next === ix
  const current = walk.next === null ? null : walk.items[walk.next]!.section
  // What was just found is what is decided by.
  const fresh = current !== null && item.section >= current - 1
  return (
    <li data-item={ix} data-state={item.state} className="min-w-0">
      {(item.kind === 'command' || item.kind === 'check') && (
        <p className="flex flex-wrap items-center gap-2">
          <code className="min-w-0 rounded bg-sunk px-2 py-0.5 font-mono text-[0.925em] break-words whitespace-pre-wrap ring-1 ring-line">
            {item.text}
          </code>
          <Mark item={item} />
          {item.ms !== null && <span className="text-xs text-soft">{duration(item.ms)}</span>}
          {item.by !== null && item.state !== 'running' && (
            <span className="text-xs text-soft">by {item.by}</span>
          )}
        </p>
      )}
      {item.kind === 'text' && item.state !== 'pending' && <Mark item={item} />}
      <Output lines={lines} live={item.state === 'running'} open={item.state === 'failed' || fresh} />
      {open && mayAct && walk.acts.length > 0 && <Turn walk={walk} item={item} ix={ix} />}
    </li>
  )
}

const Mark = ({ item }: { item: WalkItem }) =>
  item.state === 'pending' ? null : <Badge tone={MARKS[item.state][0]}>{MARKS[item.state][1]}</Badge>
