import { Failure } from '../../kernel/failure.ts'

export const notMeasured = (): Failure =>
  new Failure('metrics.none', 'nothing is measured here', {
    why: 'this home was made with INNKEEPER_METRICS=none, or the packages of Prometheus were missing',
    fix: 'take `"metrics": null` out of `$INNKEEPER_HOME/settings.json`, then: `inn up`',
  })
