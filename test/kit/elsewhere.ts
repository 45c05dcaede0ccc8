import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execOk } from '../../server/src/drivers/host/exec.ts'

export interface Elsewhere {
  /** An IPv6 address of it. */
  address: string
  remove(): Promise<void>
}

const ANSWERS = `
const http = require('node:http')
const server = http.createServer((_, response) => response.writeHead(404, { server: 'other' }).end())
server.listen(Number(process.argv[1]), '::', () => console.log('listening'))`

/** Another machine, as far as the network goes: a namespace of its own, where each request at this port gets 404 from `other`. */
export async function elsewhere(port: number): Promise<Elsewhere> {
  const argv = ['--net', process.execPath, '-e', ANSWERS, String(port)]
  const child = spawn('unshare', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const { pid } = child
  const name = `t-${pid}`
  const net = `fd5a:${Math.floor(Math.random() * 0xffff).toString(16)}::`
  const ip = (...args: string[]) => execOk({ argv: ['ip', ...args], timeoutMs: 10_000 }, 'ip')
  const inside = (...args: string[]) =>
    execOk({ argv: ['nsenter', '-t', String(pid), '-n', 'ip', ...args], timeoutMs: 10_000 }, 'ip')
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid))
  await ip('addr', 'add', `${net}1/64`, 'dev', name, 'nodad')
  await ip('link', 'set', name, 'up')
  await inside('addr', 'add', `${net}2/64`, 'dev', 'eth0', 'nodad')
  await inside('link', 'set', 'eth0', 'up')
  return {
    address: `${net}2`,
    async remove() {
      child.kill()
      // Its end of the cable goes with the namespace, and ours with it.
      await once(child, 'exit')
    },
  }
}
