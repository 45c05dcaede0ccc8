import { Role } from '../../../server/src/api/wire.ts'
import type { Person } from '../../../server/src/reach/people/wire.ts'
import { useStatus } from '../keeper/status.ts'
import { Select } from '../kit/Select.tsx'

export type PersonRights = Pick<Person, 'role' | 'apps'>

const NONE = ''
const ROLES = Role.options.map(one => [one, one] as const)
/** Roles that are more than one. */
const above = (role: Role | null) => ROLES.slice(role === null ? 0 : Role.options.indexOf(role) + 1)
const readRole = (text: string): Role | null => Role.safeParse(text).data ?? null

interface Props {
  rights: PersonRights
  onChange: (rights: PersonRights) => void
}

/** Chooses the role in all apps, and beside it that in single ones. */
export function RightsFields({ rights, onChange }: Props) {
  const { data: status } = useStatus()
  const names = new Set([...(status?.apps ?? []).map(app => app.name), ...Object.keys(rights.apps)])
  const setApp = (app: string, role: Role | null) => {
    const { [app]: _, ...others } = rights.apps
    onChange({ ...rights, apps: role === null ? others : { ...others, [app]: role } })
  }
  return (
    <div className="grid items-start gap-3 sm:grid-cols-3">
      <Select
        label="Role in all apps, and for the server"
        value={rights.role ?? NONE}
        options={[...ROLES, [NONE, 'none: only in the apps named']]}
        onChange={text => onChange({ ...rights, role: readRole(text) })}
      />
      {rights.role !== 'admin' &&
        [...names]
          .toSorted()
          .map(app => (
            <Select
              key={app}
              label={`Role in ${app}`}
              value={rights.apps[app] ?? NONE}
              options={[
                [NONE, rights.role === null ? 'none' : `${rights.role}, as in all`],
                ...above(rights.role),
              ]}
              onChange={text => setApp(app, readRole(text))}
            />
          ))}
    </div>
  )
}
