import type { Routes } from '../../api/routes.ts'
import type { Reports } from './reports.ts'
import { Report, ReportQuery, ReportSent, ReportSettings } from './wire.ts'

export interface ReportRoutePorts {
  reports: Pick<Reports, 'report' | 'send' | 'settings' | 'keep'>
  audit: {
    write(row: { actor: string; action: string; detail: string }): Promise<unknown>
  }
}

export function reportRoutes(app: Routes, { reports, audit }: ReportRoutePorts): void {
  app.get(
    '/api/report',
    {
      config: { permission: 'viewer', sorts: true },
      schema: {
        summary:
          'How the server and its apps did in the last day, week or 30 days, and what is to be seen to',
        querystring: ReportQuery,
        response: { 200: Report },
      },
    },
    request => reports.report(request.query.period, of => request.permits(of)),
  )
  app.post(
    '/api/report/send',
    {
      config: { permission: 'operator' },
      schema: {
        summary: 'Sends the report now, to the channels that get it',
        body: ReportQuery,
        response: { 200: ReportSent },
      },
    },
    async request => {
      const sent = await reports.send(request.body.period)
      const detail = `${sent.period}: ${sent.channels.join(', ')}`
      await audit.write({ actor: request.actor.name, action: 'report send', detail })
      return sent
    },
  )
  settingsRoutes(app, { reports, audit })
}

function settingsRoutes(app: Routes, { reports, audit }: ReportRoutePorts): void {
  app.get(
    '/api/report-settings',
    {
      config: { permission: 'viewer' },
      schema: { summary: 'When reports are sent, and to whom', response: { 200: ReportSettings } },
    },
    () => reports.settings(),
  )
  app.post(
    '/api/report-settings',
    {
      config: { permission: 'admin' },
      schema: {
        summary: 'Says when reports are sent, and to whom',
        body: ReportSettings,
        response: { 200: ReportSettings },
      },
    },
    async request => {
      await reports.keep(request.body)
      const detail = JSON.stringify(request.body)
      await audit.write({ actor: request.actor.name, action: 'report settings', detail })
      return reports.settings()
    },
  )
}
