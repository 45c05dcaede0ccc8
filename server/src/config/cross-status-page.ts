import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** Problems between the page and the rest of the file. */
export function crossStatusPage({ statusPage: page, services, domains }: ConfigInput): CrossProblem[] {
  if (page === undefined) return []
  const { domain, components = {} } = page
  const taken = domains.some(name => name.toLowerCase() === domain)
  const unknown = Object.entries(components).flatMap(([name, parts]) =>
    parts.filter(part => services[part] === undefined).map(part => ({ name, part })),
  )
  return [
    ...(taken
      ? [
          {
            path: ['statusPage', 'domain'],
            message: 'is one of domains, too: the page needs a name of its own, such as status.example.com',
          },
        ]
      : []),
    ...unknown.map(({ name, part }) => ({
      path: ['statusPage', 'components', name],
      message: `there is no service ${part}: write one of ${Object.keys(services).join(', ')}`,
    })),
    ...(page.components === undefined && Object.values(services).every(one => one.worker)
      ? [{ path: ['statusPage'], message: 'no service takes requests: name components' }]
      : []),
  ]
}
