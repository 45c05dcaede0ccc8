import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { useRuns } from './queries.ts'
import { RunList } from './RunList.tsx'

export function History({ app }: { app: string }) {
  const runs = useRuns(app)
  return (
    <Card title="History" aside={<span className="text-xs text-soft">newest first</span>}>
      <Loaded query={runs}>
        {data =>
          data.length === 0 ? (
            <Empty command="inn deploy">Nothing has been changed here yet.</Empty>
          ) : (
            <RunList label="history" runs={data} />
          )
        }
      </Loaded>
    </Card>
  )
}
