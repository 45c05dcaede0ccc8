import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { appKey, parseApp } from '../../config/app-key.ts'
import { Failure } from '../../kernel/failure.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Repositories } from './ports.ts'
import { ByAppKey, RepositoryRemoved, RepositoryRequest, RepositoryView } from './wire.ts'

export interface Needs {
  pushRepositories: Repositories
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string }): Promise<unknown>
  }
}

export const open = ({ pushRepositories: repositories, audit }: Needs): OpenPart => ({
  routes: app => repositoryRoutes(app, { repositories, audit }),
})

interface RoutePorts extends Pick<Needs, 'audit'> {
  repositories: Repositories
}

function repositoryRoutes(app: Routes, { repositories, audit }: RoutePorts): void {
  const admin = { permission: 'admin' } as const
  const listed = {
    summary: 'Repositories of this server that take pushes',
    response: { 200: z.array(RepositoryView) },
  }
  const seen = { permission: 'viewer', sorts: true } as const
  app.get('/api/repositories', { config: seen, schema: listed }, async request =>
    (await repositories.list()).filter(({ app: of }) => request.permits(of)),
  )
  const made = {
    summary: 'Makes the repository by whose pushes an app is deployed, or gives it another branch',
    ...{ params: ByAppKey, body: RepositoryRequest, response: { 200: RepositoryView } },
  }
  app.post('/api/apps/:app/repository', { config: admin, schema: made }, async request => {
    const key = appKey(parseApp(request.params.app))
    const { branch } = request.body
    await repositories.make(key, branch)
    await audit.write({ actor: request.actor.name, action: 'git init', app: key, detail: branch })
    return (await repositories.list()).find(one => one.app === key)!
  })
  const removed = {
    summary: 'Removes the repository of an app with all that was pushed; what serves stays',
    ...{ params: ByAppKey, response: { 200: RepositoryRemoved } },
  }
  app.delete('/api/apps/:app/repository', { config: admin, schema: removed }, async request => {
    const key = appKey(parseApp(request.params.app))
    if (!(await repositories.remove(key))) throw unknown(key)
    await audit.write({ actor: request.actor.name, action: 'git remove', app: key, detail: '' })
    return { removed: true as const }
  })
}

const unknown = (key: string): Failure =>
  new Failure('repository.unknown', `${key} has no repository here`, {
    why: 'it is not deployed by pushes',
    fix: '`inn git list` shows the apps that are',
  })
