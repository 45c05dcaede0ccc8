import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { Release } from '../../../server/src/apps/releases/wire.ts'
import { ChangeDialog } from '../changes/ChangeDialog.tsx'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { ReleaseRow } from './ReleaseRow.tsx'

const FIRST = 6

const useReleases = (app: string) =>
  useQuery({
    queryKey: ['releases', app],
    queryFn: () => ask(z.array(Release), `/api/apps/${app}/releases`),
    refetchInterval: usePolling(),
  })

export function Releases({ app }: { app: AppStatus }) {
  const releases = useReleases(app.name)
  const [all, setAll] = useState(false)
  const [target, setTarget] = useState<string | null>(null)
  return (
    <Card title="Releases" aside={<span className="text-xs text-soft">newest first</span>}>
      <Loaded query={releases}>
        {data =>
          data.length === 0 ? (
            <Empty command="inn deploy">No release yet.</Empty>
          ) : (
            <ul aria-label="releases">
              {data.slice(0, all ? undefined : FIRST).map(release => (
                <ReleaseRow
                  key={release.id}
                  release={release}
                  colours={coloursOf(app, release.id)}
                  onRollback={app.can.includes('rollback') ? () => setTarget(release.id) : null}
                />
              ))}
              {data.length > FIRST && !all && (
                <li className="p-2 text-center">
                  <Button look="quiet" small onClick={() => setAll(true)}>
                    Show all {data.length}
                  </Button>
                </li>
              )}
            </ul>
          )
        }
      </Loaded>
      {target !== null && (
        <ChangeDialog app={app} verb="rollback" release={target} onClose={() => setTarget(null)} />
      )}
    </Card>
  )
}

/** The colours in which a release runs now. */
function coloursOf(app: AppStatus, release: string) {
  const standing = app.services.flatMap(service => [
    ...(service.release === release && service.colour ? [service.colour] : []),
    ...service.instances.filter(one => one.release === release).map(one => one.colour),
  ])
  return [...new Set(standing)]
}
