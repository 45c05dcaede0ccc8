import type { ChannelView, MessageView } from '../../../server/src/watch/messages/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime } from '../kit/words.ts'
import { useChannels, useMessages } from './queries.ts'

const TONES: Record<MessageView['state'], Tone> = {
  sent: 'ink',
  sending: 'busy',
  waiting: 'warn',
  dropped: 'bad',
}

const COLUMNS: ReadonlyArray<Column<MessageView>> = [
  {
    head: 'Message',
    wide: true,
    cell: one => (
      <span className="break-words">
        {one.title}
        {one.together > 1 && <span className="text-soft"> (with {one.together - 1} more in one)</span>}
      </span>
    ),
  },
  { head: 'To', cell: one => one.to ?? one.channel },
  { head: 'Decided', cell: one => <Ago at={one.at} /> },
  { head: 'State', cell: one => <Badge tone={TONES[one.state]}>{one.state}</Badge> },
  { head: 'Tries', wide: true, cell: one => <Tries message={one} /> },
]

/** What was told, by which channels, with every try. */
export function Messages() {
  const messages = useMessages()
  const channels = useChannels().data
  return (
    <Card title="Messages" aside={channels && <Channels channels={channels} />}>
      <Loaded query={messages} rows={4}>
        {all =>
          all.length > 0 ? (
            <Table label="messages" columns={COLUMNS} rows={all} id={one => String(one.id)} />
          ) : channels?.length === 0 ? (
            <Empty command="inn notify add ops --email you@example.com --from inn@example.com">
              Nobody is told yet.
            </Empty>
          ) : (
            <Empty>Nothing was told yet.</Empty>
          )
        }
      </Loaded>
    </Card>
  )
}

function Channels({ channels }: { channels: readonly ChannelView[] }) {
  return (
    <span className="flex flex-wrap gap-1.5">
      {channels.map(({ name, settings, suppressed, waiting }) => (
        <Badge key={name} tone={suppressed !== null ? 'bad' : waiting > 0 ? 'warn' : 'soft'}>
          {name} ({settings.kind})
          {suppressed !== null ? ': takes nothing' : waiting > 0 ? `: ${waiting} wait` : ''}
        </Badge>
      ))}
    </span>
  )
}

/** Tries that failed have a reason; of one that went well its time is enough. */
function Tries({ message: { attempts, nextAt, passedOn, state } }: { message: MessageView }) {
  return (
    <ul className="grid gap-0.5 text-xs text-soft">
      {attempts.map(({ at, ms, outcome, said }) => (
        <li key={at} className="break-words">
          {dateTime(at)} {outcome === 'sent' ? `sent in ${ms} ms` : (said ?? 'no answer was noted')}
        </li>
      ))}
      {state === 'waiting' && nextAt !== null && <li>again {dateTime(nextAt)}</li>}
      {passedOn && <li>another channel got it, too</li>}
    </ul>
  )
}
