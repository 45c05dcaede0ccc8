import type { ErrorGroup, LogErrors } from '../../../server/src/watch/logs/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Columns } from '../kit/Columns.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { clockMinutes, count as counted } from '../kit/words.ts'
import { useErrors } from './queries.ts'

const SHOWN = 8

/** What an app logged as errors in the last day: when, and each kind once. */
export function Errors({ app }: { app: string }) {
  const errors = useErrors(app)
  return (
    <Card title="Errors of the last day">
      <Loaded query={errors} rows={3}>
        {data =>
          data.groups.length === 0 ? (
            <Empty command={`inn errors ${app} --since 7d`}>No error was logged.</Empty>
          ) : (
            <div className="grid gap-4 p-4">
              <When errors={data} />
              <ul className="grid gap-2 text-sm">
                {data.groups.slice(0, SHOWN).map(group => (
                  <Kind key={group.shape} group={group} />
                ))}
              </ul>
              <Left errors={data} app={app} />
            </div>
          )
        }
      </Loaded>
    </Card>
  )
}

function When({ errors: { from, slotMs, slots } }: { errors: LogErrors }) {
  const start = (n: number) => new Date(from).getTime() + n * slotMs
  return (
    <Columns
      title="Errors each half hour"
      show={String}
      ends={[clockMinutes(start(0)), 'now']}
      columns={slots.map(({ error }, n) => ({
        key: String(start(n)),
        value: error,
        tone: 'bad',
        says: `${counted(error, 'error')} from ${clockMinutes(start(n))} to ${clockMinutes(start(n + 1))}`,
      }))}
    />
  )
}

function Kind({ group: { count, shape, example, last, releases, services } }: { group: ErrorGroup }) {
  return (
    <li className="min-w-0 border-l-2 border-bad pl-2.5">
      <p className="font-mono text-xs leading-5 break-words" title={example}>
        <span className="font-semibold text-bad">{count}×</span> {shape}
      </p>
      <p className="text-xs text-soft">
        last <Ago at={last} />, {services.join(', ')}, {releases.join(', ')}
      </p>
    </li>
  )
}

function Left({ errors: { groups, others }, app }: { errors: LogErrors; app: string }) {
  const left = groups.slice(SHOWN).reduce((sum, group) => sum + group.count, others)
  if (left === 0) return null
  return (
    <p className="text-xs text-soft">
      And {counted(left, 'error')} of other kinds: <code>inn errors {app}</code>
    </p>
  )
}
