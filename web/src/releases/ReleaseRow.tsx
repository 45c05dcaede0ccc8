import type { Colour } from '../../../server/src/apps/app/wire.ts'
import type { Release } from '../../../server/src/apps/releases/wire.ts'
import { Badge, ColourMark } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Check } from '../kit/icons.tsx'
import { Ago } from '../kit/time.tsx'
import { count, size } from '../kit/words.ts'

interface Props {
  release: Release
  colours: readonly Colour[]
  onRollback: (() => void) | null
}

export function ReleaseRow({ release, colours, onRollback }: Props) {
  const standsBy = release.state === 'ready' && release.live.length === 0
  return (
    <li
      data-release={release.id}
      className="flex items-start gap-3 border-b border-line px-4 py-2.5 last:border-b-0"
    >
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-semibold">{release.id}</span>
          {release.live.length > 0 && (
            <Badge tone="ink">
              <Check className="size-3.5" />
              live
            </Badge>
          )}
          {release.warm && <Badge>warm</Badge>}
          {colours.map(colour => (
            <ColourMark key={colour} colour={colour} />
          ))}
          {release.state !== 'ready' && (
            <Badge
              tone={release.state === 'failed' ? 'warn' : release.state === 'building' ? 'busy' : 'soft'}
            >
              {release.state}
            </Badge>
          )}
        </p>
        <p className="mt-0.5">
          {release.commit ?? <span className="text-faint">source {release.source.slice(0, 10)}</span>}
        </p>
        <p className="text-xs text-soft">
          <Ago at={release.createdAt} /> by {release.actor}
          {release.migrations.length > 0 && (
            <>
              {' · '}
              <span className="font-medium text-ink" title={release.migrations.join('\n')}>
                {count(release.migrations.length, 'migration')}
              </span>
            </>
          )}
          {release.built.length > 0 && ` · built ${release.built.join(', ')}`}
          {release.builtIn === release.id
            ? release.sizeBytes !== null && ` · ${size(release.sizeBytes)}`
            : ` · files of ${release.builtIn}`}
        </p>
      </div>
      {standsBy && onRollback && (
        <Button small onClick={onRollback} aria-label={`roll back to ${release.id}`}>
          Roll back
        </Button>
      )}
    </li>
  )
}
