import type { SecurityReport } from '../../../server/src/watch/security/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { Findings, Lines } from './Findings.tsx'
import { useLookAgain, useSecurity } from './queries.ts'

/** What an attacker would find, the worst first, each with its fix. */
export function SecurityPage() {
  const report = useSecurity()
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">Security</h1>
      <Loaded query={report} rows={8}>
        {data => <Report report={data} />}
      </Loaded>
    </div>
  )
}

function Report({ report }: { report: SecurityReport }) {
  const { findings, unknown, accepted, passed } = report
  return (
    <>
      <Score report={report} />
      <Card title="Found" aside={<span className="text-xs text-soft">the worst first</span>}>
        {findings.length === 0 ? <Empty>Nothing was found.</Empty> : <Findings findings={findings} />}
      </Card>
      {unknown.length > 0 && (
        <Card
          title="Not seen"
          aside={<span className="text-xs text-soft">so it does not count as passed</span>}
        >
          <Lines label="not seen" lines={unknown.map(one => ({ ...one, text: one.reason }))} />
        </Card>
      )}
      {accepted.length > 0 && (
        <Card
          title="Accepted"
          aside={<span className="text-xs text-soft">by innkeeper.yaml of the app</span>}
        >
          <Lines
            label="accepted"
            lines={accepted.map(one => ({ ...one, text: `${one.what}: ${one.reason}` }))}
          />
        </Card>
      )}
      <Card title="Passed">
        <Lines label="passed" lines={passed.map(one => ({ ...one, text: one.good }))} />
      </Card>
    </>
  )
}

function Score({ report: { at, score, findings, unknown, passed } }: { report: SecurityReport }) {
  const again = useLookAgain()
  const tone = score < 50 ? 'text-bad' : score < 80 ? 'text-warn' : 'text-ink'
  return (
    <Card
      title="Score"
      aside={
        <span className="flex items-center gap-3 text-xs text-soft">
          <span>
            looked <Ago at={at} />
          </span>
          <Button small busy={again.isPending} onClick={() => again.mutate()}>
            Look again
          </Button>
        </span>
      }
    >
      <div className="grid gap-2 px-4 py-3 sm:grid-cols-[auto_minmax(0,1fr)] sm:items-center sm:gap-6">
        <p className="whitespace-nowrap">
          <span className={`text-4xl font-semibold ${tone}`}>{score}</span>
          <span className="text-soft"> of 100</span>
        </p>
        <div className="grid gap-1 text-soft">
          <p>
            {findings.length} found, {passed.length} passed, {unknown.length} not seen
          </p>
          <p className="text-xs">
            A critical check has 8 points, a high one 4, a medium one 2, a low one 1; the score is the share
            that passed. With a critical finding it is 49 at most, with a high one 79.
          </p>
        </div>
        {again.isError && <ErrorBox error={again.error} />}
      </div>
    </Card>
  )
}
