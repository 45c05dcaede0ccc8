import type { Person } from '../../../server/src/reach/people/wire.ts'

/** What somebody may: 'operator', 'viewer, admin of shop'. */
export const sayRights = ({ role, apps }: Pick<Person, 'role' | 'apps'>): string =>
  [...(role === null ? [] : [role]), ...Object.entries(apps).map(([app, own]) => `${own} of ${app}`)].join(
    ', ',
  )
