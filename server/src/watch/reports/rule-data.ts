import { showDuration } from '../../kernel/durations.ts'
import { count } from '../../kernel/words.ts'
import { line as at, type Rules } from './line.ts'

/** What brings data back. */
export const DATA: Rules<'backups' | 'drills'> = {
  backups: {
    title: 'Backups',
    alarms: ['backup.', 'database.gone'],
    judge(items, { to }) {
      const places = items.filter(one => one.place !== null)
      const oldest = Math.min(...places.map(one => one.lastGood ?? 0))
      const points = items.reduce((sum, one) => sum + one.points, 0)
      const age =
        oldest > 0
          ? `the oldest last good backup is ${showDuration(to - oldest)} old`
          : 'not each has a good backup'
      return {
        says:
          places.length === 0
            ? 'nothing is backed up'
            : `${count(places.length, 'place')}, ${age}; ${count(points, 'restore point')} taken`,
        lines: items.map(({ app, place, lastGood, problem }) => {
          const whose = app ?? 'the keeper'
          if (place === null)
            return at(
              'look',
              app,
              `nothing of ${whose} is backed up`,
              '`backups:` in innkeeper.yaml says where to',
            )
          if (problem !== null)
            return at('look', app, `${place} of ${whose} cannot be read: ${problem}`, '`inn backup list`')
          if (lastGood === null)
            return at(
              'look',
              app,
              `${place} has no good backup of ${whose} yet`,
              `\`inn backup now ${app ?? 'keeper'}\``,
            )
          return at(
            'well',
            app,
            `${whose} at ${place}: the last good backup is ${showDuration(to - lastGood)} old`,
          )
        }),
      }
    },
  },
  drills: {
    title: 'Restore drills',
    alarms: ['drill.'],
    judge(items, { from, to }) {
      const ended = items.filter(one => one.at >= from && (one.state === 'proven' || one.state === 'failed'))
      const proven = ended.filter(({ state }) => state === 'proven').length
      const failed = ended.filter(({ state }) => state === 'failed')
      const apps = [...new Set(items.map(({ app }) => app))]
      return {
        says: ended.length === 0 ? 'none in this time' : `${proven} proven, ${failed.length} failed`,
        lines: [
          ...failed.map(({ app, id }) =>
            at('look', app, `a drill of ${app} failed`, `\`inn drill show ${id}\``),
          ),
          ...apps.flatMap(app => {
            const last = items.find(one => one.app === app && one.state === 'proven')
            if (last === undefined) return []
            const took = last.rtoMs === null ? '' : `, its restore took ${showDuration(last.rtoMs)}`
            return [at('well', app, `${app}: proven ${showDuration(to - last.at)} ago${took}`)]
          }),
        ],
      }
    },
  },
}
