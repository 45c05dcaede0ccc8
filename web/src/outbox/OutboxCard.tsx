import { Link } from '@tanstack/react-router'
import type { OutboxView } from '../../../server/src/watch/outbox/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Columns } from '../kit/Columns.tsx'
import { count } from '../kit/words.ts'
import { Missing } from './Missing.tsx'
import { OutboxTable } from './OutboxTable.tsx'
import { useOutbox } from './queries.ts'

const LATEST = 5

/** What an app writes to people. An app that names no channel and sent nothing has nothing to show. */
export function OutboxCard({ app }: { app: string }) {
  const { data } = useOutbox(app, LATEST)
  if (data === undefined || (data.wants === null && data.messages.length === 0)) return null
  return (
    <Card
      title="Messages to people"
      aside={
        <Link to="/apps/$app/outbox" params={{ app }} className="link text-sm">
          All, and templates
        </Link>
      }
    >
      <Missing app={app} view={data} />
      <Days view={data} />
      <OutboxTable app={app} messages={data.messages} />
    </Card>
  )
}

/** What was sent and what failed on each of the last days. */
export function Days({ view: { days, waiting } }: { view: OutboxView }) {
  const columns = days.map(({ day, sent, failed }) => ({
    ...{ key: day, value: sent + failed, tone: 'ink' as const },
    parts: [
      { value: sent, tone: 'ink' as const },
      { value: failed, tone: 'bad' as const },
    ],
    says: `${day}: ${sent} sent, ${failed} failed`,
  }))
  const failed = days.reduce((sum, one) => sum + one.failed, 0)
  const ends = [
    days[0]!.day,
    `${failed} failed in ${count(days.length, 'day')}, ${waiting} not over yet`,
  ] as const
  return (
    <div className="border-b border-line px-4 py-3">
      <Columns title="Messages a day" columns={columns} show={String} ends={ends} />
    </div>
  )
}
