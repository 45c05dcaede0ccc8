/** In repositories of ours the configuration of the user who runs git has no say: it could name programs, and other hooks. */
export const OWN: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}
