import { useState } from 'react'
import type { RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { DrillRequest } from '../../../server/src/data/drills/wire.ts'
import { PlanDialog } from '../changes/PlanDialog.tsx'
import { Select } from '../kit/Select.tsx'
import { dateTime } from '../kit/words.ts'

interface Props {
  app: string
  points: readonly RestorePoint[]
  onClose: () => void
}

const NEWEST = ''

/** The dialog for a drill: a restore is tried on a copy that nobody else sees. */
export function DrillDialog({ app, points, onClose }: Props) {
  const [point, setPoint] = useState(NEWEST)
  const good = points.filter(one => one.state === 'good')
  return (
    <PlanDialog
      title={`Drill: rehearse a restore of ${app}`}
      verb="drill"
      confirm="Begin the drill"
      wanted={{
        path: `/api/apps/${app}/drill`,
        request: DrillRequest.parse(point === NEWEST ? {} : { point }),
      }}
      onClose={onClose}
    >
      <p className="text-soft">On a copy that nobody else sees: {app} goes on serving meanwhile.</p>
      <Select
        label="Restore point"
        value={point}
        onChange={setPoint}
        options={[
          [NEWEST, 'the newest that is complete'],
          ...good.map(({ name, at }): [string, string] => [name, `${dateTime(at)} · ${name}`]),
        ]}
      />
    </PlanDialog>
  )
}
