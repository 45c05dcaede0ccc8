import type { OwnAlert } from '../../config/alerts.ts'

/** The `alerts:` of an app as Prometheus reads them. A value that is JSON is YAML, too. */
export function ownRulesYaml(app: string, alerts: readonly OwnAlert[]): string {
  const rules = alerts.map(({ name, query, for: ms, severity, says, channel }) => ({
    alert: name,
    expr: query.replaceAll('$app', app),
    for: `${ms}ms`,
    labels: { severity, app, ...(channel === null ? {} : { channel }) },
    annotations: {
      summary: (says ?? `${name} of ${app}: {{ $value }}`).replaceAll('$app', app),
      look: `\`inn metrics ${app}\`; \`alerts:\` in its innkeeper.yaml`,
    },
  }))
  return `${JSON.stringify({ groups: [{ name: `app-${app}`, rules }] }, null, 1)}\n`
}
