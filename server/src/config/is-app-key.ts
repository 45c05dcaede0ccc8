import { appKey, parseApp, previewOf } from './app-key.ts'
import { appName, environmentName } from './schema.ts'

/** Whether an app could have this key: one that is to be deployed, or what the previews of one share. */
export function isAppKey(key: string): boolean {
  const { name, environment } = parseApp(key)
  const valid = previewOf(environment) !== null || environmentName.safeParse(environment).success
  return valid && appName.safeParse(name).success && key === appKey({ name, environment })
}
