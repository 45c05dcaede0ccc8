import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'

/** No app has this name. `kind`: what else could have been named. `names`: all that could. */
export function unknownApp(
  name: string,
  names: readonly string[],
  kind: 'app' | 'app or part' = 'app',
): Failure {
  const near = didYouMean(name, names)
  const known =
    near === null
      ? `${kind === 'app' ? 'apps' : 'apps and parts'} here: ${list(names)}`
      : `did you mean ${near}?`
  return new Failure('app.unknown', `there is no ${kind} ${name}`, {
    why: 'nothing of that name was deployed here',
    fix: names.length === 0 ? '`inn deploy`, in the folder of an app' : known,
  })
}
