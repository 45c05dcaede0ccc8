/**
 * What providers send of a pull request, shortened: as GitHub, Gitea, Forgejo and GitLab document it, with other names.
 * GitHub: https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request
 * GitLab: https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events
 */
export const SHA = 'ec26c3e57ca3a959ca5aad62de7213c562f8c821'

const repository = { id: 186853002, name: 'shop', full_name: 'example/shop', private: true }

export const github = {
  action: 'synchronize',
  number: 2,
  before: '2f6f3d6b3d5c2c4c1c2d0c2f0b0a9f8e7d6c5b4a',
  after: SHA,
  pull_request: {
    ...{ id: 279147437, number: 2, state: 'open', locked: false, title: 'Beds', body: 'Rooms by the bed.' },
    ...{
      created_at: '2026-05-15T15:20:33Z',
      updated_at: '2026-05-15T15:21:10Z',
      merged: false,
      draft: false,
    },
    user: { login: 'alice', id: 21031067 },
    head: { label: 'example:feature/beds', ref: 'feature/beds', sha: SHA, repo: repository },
    base: {
      label: 'example:main',
      ref: 'main',
      sha: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      repo: repository,
    },
  },
  repository,
  sender: { login: 'alice', id: 21031067, type: 'User' },
}

export const gitea = {
  action: 'synchronized',
  number: 2,
  pull_request: {
    ...{ id: 84, number: 2, title: 'Beds', state: 'open', updated_at: '2026-05-15T17:21:10+02:00' },
    head: {
      label: 'feature/beds',
      ref: 'feature/beds',
      sha: SHA,
      repo_id: 140,
      repo: { id: 140, full_name: 'example/shop' },
    },
    base: {
      label: 'main',
      ref: 'main',
      sha: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      repo_id: 140,
      repo: { id: 140, full_name: 'example/shop' },
    },
  },
  repository: { id: 140, full_name: 'example/shop' },
  sender: { id: 1, login: 'alice', username: 'alice' },
}

export const gitlab = {
  object_kind: 'merge_request',
  event_type: 'merge_request',
  user: { id: 1, name: 'Alice', username: 'alice' },
  project: { id: 1, name: 'Shop', path_with_namespace: 'example/web/shop', default_branch: 'main' },
  object_attributes: {
    ...{ id: 99, iid: 2, target_branch: 'main', source_branch: 'feature/beds', state: 'opened' },
    ...{ source_project_id: 1, target_project_id: 1, author_id: 51, title: 'Beds', description: '' },
    ...{ created_at: '2026-05-15 15:20:33 UTC', updated_at: '2026-05-15 15:21:10 UTC', action: 'update' },
    oldrev: '2f6f3d6b3d5c2c4c1c2d0c2f0b0a9f8e7d6c5b4a',
    last_commit: { id: SHA, message: 'Beds', timestamp: '2026-05-15T15:21:00Z' },
  },
}
