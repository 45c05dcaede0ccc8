import type { Alarm } from '../../kernel/wire-alarm.ts'

/** An alarm for each wall between apps that this machine does not have. The argument says why; null: the wall stands. */
export function wallAlarms({ ports, mounts }: { ports: string | null; mounts: string | null }): Alarm[] {
  const alarm = (code: string, what: string, fix: string): Alarm => ({ code, level: 'soon', what, fix })
  return [
    ...(ports === null
      ? []
      : [
          alarm(
            'walls.ports',
            `an app may take the port of another one that is down: ${ports}`,
            '`apt-get install nftables`, or run where the kernel has it, then `inn up`; where the disk is full, make room',
          ),
        ]),
    ...(mounts === null
      ? []
      : [
          alarm(
            'walls.mounts',
            `apps see the home, /tmp and the processes of others, as far as permissions let them: ${mounts}`,
            'run Innkeeper on the machine itself, or in a container that may mount (CAP_SYS_ADMIN)',
          ),
        ]),
  ]
}
