import { Link } from '@tanstack/react-router'
import { Card } from '../kit/Card.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Missing } from './Missing.tsx'
import { Days } from './OutboxCard.tsx'
import { OutboxTable } from './OutboxTable.tsx'
import { useOutbox } from './queries.ts'
import { Templates } from './Templates.tsx'

const MOST = 200

export function OutboxPage({ app }: { app: string }) {
  const outbox = useOutbox(app, MOST)
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
      <header>
        <Link to="/apps/$app" params={{ app }} className="link text-sm">
          {app}
        </Link>
        <h1 className="text-2xl font-semibold">Messages to people</h1>
      </header>
      <Card title="Sent">
        <Loaded query={outbox} rows={8}>
          {view => (
            <>
              <Missing app={app} view={view} />
              <Days view={view} />
              <OutboxTable app={app} messages={view.messages} />
            </>
          )}
        </Loaded>
      </Card>
      <Templates app={app} />
    </div>
  )
}
