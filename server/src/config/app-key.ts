/** The environment of an app when nobody says another one. */
export const PRODUCTION = 'production'

/** Which app: its name and environment. */
export interface AppId {
  name: string
  environment: string
}

/** The key of an app, as people, plans, paths, rows and addresses have it: `shop`, and `shop@staging`. Only this file looks inside. */
export const appKey = ({ name, environment }: AppId): string =>
  environment === PRODUCTION ? name : `${name}@${environment}`

export function parseApp(key: string): AppId {
  const [name, environment = PRODUCTION] = key.split('@')
  return { name: name!, environment }
}

/** Apps by name, and the environments of one beside each other, production first. */
export function compareApps(a: string, b: string): number {
  const [one, two] = [a, b].map(key => {
    const { name, environment } = parseApp(key)
    return [name, environment === PRODUCTION ? '' : environment]
  })
  const differs = one!.findIndex((part, i) => part !== two![i])
  if (differs === -1) return 0
  return one![differs]! < two![differs]! ? -1 : 1
}
