import { Link } from '@tanstack/react-router'
import { Card } from '../kit/Card.tsx'
import { useRunbooks, useWalks } from './queries.ts'
import { RunbookList } from './RunbookList.tsx'
import { WalkList } from './RunbooksPage.tsx'

/** Runbooks that help with an incident, and walks that were begun for it. */
export function Helping({ id, app }: { id: number; app: string | null }) {
  const { data: all = [] } = useRunbooks({ app, incident: id })
  const { data: walks = [] } = useWalks()
  const fitting = all.filter(({ fits }) => fits)
  const own = walks.filter(({ incident }) => incident === id)
  return (
    <Card
      title="Runbooks"
      aside={
        <Link to="/runbooks" search={app === null ? {} : { app }} className="link text-xs">
          all of them
        </Link>
      }
    >
      {own.length > 0 && <WalkList walks={own} />}
      {fitting.length > 0 ? (
        <div className={own.length > 0 ? 'border-t border-line' : ''}>
          <RunbookList runbooks={fitting} of={{ app, incident: id }} />
        </div>
      ) : (
        own.length === 0 && <p className="px-4 py-3 text-soft">None names an alert of this incident.</p>
      )}
    </Card>
  )
}
