import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { closing, opening } from '../../reach/edge/edge.ts'
import { type App, freePort, only, proxy, type Running, startApp, startEdge, until } from './nginx.fixture.ts'
import { nginxEdge } from './nginx.ts'

interface Load {
  answered: number
  failed: string[]
}

/** Starts clients that send the next request after each answer and never retry: keep-alive, new connections, POST, slow. */
function startLoad(port: number): () => Promise<Load> {
  const load: Load = { answered: 0, failed: [] }
  let over = false
  const kept = new Agent({ keepAlive: true })
  const once = new Agent({ keepAlive: false })
  const ask = (agent: Agent, method: string, path: string) =>
    new Promise<void>(resolve => {
      const failed = (why: string) => {
        load.failed.push(`${method} ${path}: ${why}`)
        resolve()
      }
      const sent = request({ host: '127.0.0.1', port, agent, method, path }, answer => {
        answer.resume().on('error', error => failed(error.message))
        answer.on('end', () => {
          if (answer.statusCode !== 200) return failed(String(answer.statusCode))
          load.answered++
          resolve()
        })
      })
      sent.on('error', error => failed(error.message)).end(method === 'POST' ? 'order' : undefined)
    })
  const client = async (agent: Agent, method: string, path: string) => {
    while (!over) await ask(agent, method, path)
  }
  const clients = [
    ...Array.from({ length: 8 }, () => client(kept, 'GET', '/')),
    ...Array.from({ length: 4 }, () => client(kept, 'POST', '/order')),
    ...Array.from({ length: 2 }, () => client(once, 'GET', '/')),
    ...Array.from({ length: 2 }, () => client(once, 'POST', '/order')),
    ...Array.from({ length: 4 }, () => client(kept, 'GET', '/slow?ms=50')),
    ...Array.from({ length: 4 }, () => client(kept, 'POST', '/slow?ms=1000')),
  ]
  return async () => {
    over = true
    await Promise.all(clients)
    kept.destroy()
    return load
  }
}

describe('a change of the edge', () => {
  let running: Running

  before(async () => {
    running = await startEdge()
  })
  after(() => running.stop())

  it('no request fails over switches, each old side killed when nothing is under way there', async () => {
    const { edge, site } = running
    let old = await startApp('0')
    await edge.route('shop', only(proxy('0', [old])))
    const stop = startLoad(site.port)
    for (let release = 1; release <= 4; release++) {
      const next = await startApp(String(release))
      await wait(300)
      await edge.route('shop', only(proxy(String(release), [next])))
      const left = async () => (await edge.traffic('shop'))[`web/${release - 1}`]!.active === 0
      await until(left, 'the old side is empty')
      await old.kill()
      old = next
    }
    const { answered, failed } = await stop()
    await old.kill()
    assert.deepEqual(failed, [])
    assert.ok(answered > 2000, `${answered} answered`)
    const counted = Object.values(await edge.traffic('shop')).reduce(
      (sum, { status }) => sum + status['2xx'],
      0,
    )
    assert.equal(counted, answered)
  })

  it('no request fails over reloads', async () => {
    const { edge, site } = running
    const app = await startApp('blue')
    await edge.route('shop', only(proxy('r1', [app])))
    const stop = startLoad(site.port)
    for (const timeoutMs of [3000, 4000, 5000]) {
      await wait(300)
      assert.deepEqual(await edge.configure(() => [{ ...site, timeoutMs }]), { reloaded: true })
    }
    assert.deepEqual(await edge.configure(() => [{ ...site, timeoutMs: 5000 }]), { reloaded: false })
    const { answered, failed } = await stop()
    await app.kill()
    assert.deepEqual(failed, [])
    assert.ok(answered > 2000, `${answered} answered`)
  })
})

describe('the edge keeps what it was told', () => {
  let running: Running
  let blue: App

  before(async () => {
    ;[running, blue] = await Promise.all([startEdge(), startApp('blue')])
  })
  after(() => Promise.all([running.stop(), blue.kill()]))

  it('a table outlives an nginx that is killed, and one that was set while none ran', async () => {
    const { edge } = running
    await edge.route('shop', only(proxy('r1', [blue])))
    await running.kill()
    await until(async () => !(await edge.alive()), 'its workers are gone too')
    await running.start()
    assert.equal((await running.get('/')).body, 'blue GET / 0')
    await running.kill()
    await edge.route('shop', only(proxy('r2', [])))
    assert.deepEqual(await edge.table('shop'), only(proxy('r2', [])))
    await running.start()
    assert.equal((await running.get('/')).status, 503)
    await edge.forget('shop')
    assert.equal(await edge.table('shop'), null)
  })

  it('a configuration that nginx refuses changes nothing', async () => {
    const { edge, site, home } = running
    const before = await readFile(join(home, 'edge', 'nginx.conf'), 'utf8')
    const refused = (...sites: Array<Partial<typeof site>>) =>
      assert.rejects(
        edge.configure(() => sites.map(more => ({ ...site, ...more }))),
        { code: 'edge.refused' },
      )
    await refused({ port: 99_999 })
    await refused({ domains: ['a.example; evil'] })
    await refused({}, { id: 'blog' })
    assert.equal(await readFile(join(home, 'edge', 'nginx.conf'), 'utf8'), before)
    assert.equal((await running.get('/')).status, 503)
  })

  it('sites that are opened at the same moment are all open', async () => {
    const { edge, site } = running
    const more = await Promise.all(
      ['one', 'two', 'three'].map(async id => ({ ...site, id, domains: [], port: await freePort() })),
    )
    await Promise.all(more.map(one => edge.configure(opening(one))))
    for (const { port } of [site, ...more])
      assert.notEqual((await running.get('/', { port })).status, 0, `port ${port} is open`)
    await edge.configure(closing('two'))
    await assert.rejects(running.get('/', { port: more[1]!.port }), /ECONNREFUSED/)
    assert.ok((await running.get('/', { port: more[2]!.port })).status > 0)
    await edge.configure(() => [site])
  })

  it('a port that another program has is refused at once', async t => {
    const taken = await freePort()
    const other = createServer().listen(taken, '127.0.0.1')
    t.after(() => other.close())
    const blog = { ...running.site, id: 'blog', port: taken }
    await assert.rejects(
      running.edge.configure(() => [running.site, blog]),
      {
        code: 'edge.refused',
        why: `another program listens on 127.0.0.1:${taken} already`,
      },
    )
  })

  it('when nginx does not take a configuration over, the old file comes back', async t => {
    const { site, home } = running
    const path = join(home, 'edge', 'nginx.conf')
    const before = await readFile(path, 'utf8')
    const taken = await freePort()
    const other = createServer()
    t.after(() => other.close())
    const start = Date.now()
    const clock: Clock = {
      now: () => start + (Date.now() - start) * 3,
      // The port is taken between the check and the reload.
      async sleep(ms) {
        if (!other.listening) other.listen(taken, '127.0.0.1')
        await wait(ms)
      },
    }
    const edge = nginxEdge({ home, clock })
    await assert.rejects(
      edge.configure(() => [site, { ...site, id: 'blog', port: taken }]),
      {
        code: 'edge.refused',
      },
    )
    other.close()
    assert.equal(await readFile(path, 'utf8'), before)
    const kept = async () => {
      const answer = await running.get('/', { headers: { connection: 'keep-alive' } })
      return answer.headers.connection === 'keep-alive'
    }
    await until(kept, 'clients may keep their connections again')
  })

  it('so many sites may be open as a server has, and each is known again', async () => {
    const { edge, site } = running
    const ports = await Promise.all(Array.from({ length: 80 }, freePort))
    const many = ports.map((port, n) => ({ ...site, id: `site-${n}`, port, domains: [`site-${n}.example`] }))
    await edge.configure(() => [site, ...many])
    assert.deepEqual(await edge.site('site-79'), many[79])
    await edge.configure(() => [site])
    assert.equal(await edge.site('site-79'), null)
  })

  it('a folder whose socket would have too long a path is refused', async () => {
    await assert.rejects(nginxEdge({ home: `/tmp/${'x'.repeat(90)}` }).prepare(), {
      code: 'edge.path-too-long',
    })
  })
})
