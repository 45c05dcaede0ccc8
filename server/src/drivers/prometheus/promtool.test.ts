import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { ownRulesYaml } from '../../watch/metrics/own-rules.ts'
import { promtoolProblem } from './promtool.ts'

const problemOf = (alerts: string) =>
  promtoolProblem(
    ownRulesYaml(
      'shop',
      readConfigOrFail(`name: shop\nservices: { web: { start: node a.js } }\nalerts: [${alerts}]`).alerts,
    ),
  )

test('promtool says what is wrong with a query, without the path of a file that nobody knows', async () => {
  assert.equal(await problemOf(`'errors > 2% for 5m', { name: Queue, query: 'queue{app="$app"} > 3' }`), null)
  const said = await problemOf(`{ name: Queue, query: 'sum(' }`)
  assert.match(said!, /parse error/)
  assert.doesNotMatch(said!, /\/tmp\//)
})
