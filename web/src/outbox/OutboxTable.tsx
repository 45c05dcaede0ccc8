import type { OutboxMessage } from '../../../server/src/watch/outbox/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime } from '../kit/words.ts'
import { useCancel } from './queries.ts'

const TONES: Record<OutboxMessage['state'], Tone> = {
  ...{ sent: 'ink', sending: 'busy', waiting: 'warn', cancelled: 'soft', withheld: 'soft' },
  ...{ bounced: 'bad', refused: 'bad', suppressed: 'bad' },
}

const COLUMNS: ReadonlyArray<Column<OutboxMessage>> = [
  { head: 'Template', wide: 'title', cell: one => <span className="font-medium">{one.template}</span> },
  {
    head: 'To',
    wide: true,
    cell: one => <span className="break-all">{one.to ?? 'not for you to see'}</span>,
  },
  { head: 'By', cell: one => one.by },
  { head: 'Taken', cell: one => <Ago at={one.at} /> },
  { head: 'State', cell: one => <Badge tone={TONES[one.state]}>{one.state}</Badge> },
  { head: 'About it', wide: true, cell: one => <About message={one} /> },
]

/** Messages, newest first. */
export function OutboxTable({ app, messages }: { app: string; messages: readonly OutboxMessage[] }) {
  const cancel = useCancel(app)
  if (messages.length === 0) return <Empty>Nothing was sent yet.</Empty>
  const ending: Column<OutboxMessage> = {
    head: '',
    cell: one =>
      one.can.includes('cancel') && (
        <Button
          look="quiet"
          small
          busy={cancel.isPending && cancel.variables === one.id}
          onClick={() => cancel.mutate(one.id)}
        >
          Cancel
        </Button>
      ),
  }
  const shown = messages.some(one => one.can.length > 0) ? [...COLUMNS, ending] : COLUMNS
  return (
    <>
      {cancel.isError && (
        <div className="p-4">
          <ErrorBox error={cancel.error} />
        </div>
      )}
      <Table label="messages to people" columns={shown} rows={messages} id={one => one.id} />
    </>
  )
}

function About({ message: { state, why, at, sendAt, attempts } }: { message: OutboxMessage }) {
  const last = attempts.at(-1)
  const later = state === 'waiting' && sendAt > at ? `to be sent ${dateTime(sendAt)}` : null
  const tried = state === 'sending' && last?.said ? `tried ${attempts.length} times: ${last.said}` : null
  return <span className="text-xs break-words text-soft">{why ?? later ?? tried ?? '–'}</span>
}
