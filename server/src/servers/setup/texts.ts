import { quoteShell } from '../../kernel/quote.ts'
import type { Places } from './facts.ts'

export const PATHS = {
  updates: '/etc/apt/apt.conf.d/52innkeeper',
  rules: '/etc/innkeeper/firewall.nft',
  unit: '/etc/systemd/system/innkeeper-firewall.service',
  cron: '/etc/cron.d/innkeeper',
  ssh: '/etc/ssh/sshd_config.d/10-innkeeper.conf',
  fstab: '/etc/fstab',
  link: '/usr/local/bin/inn',
  swap: '/swapfile',
  /** While the firewall waits to be confirmed, with the id of who waits. */
  waiting: '/run/innkeeper-firewall.waiting',
  confirmed: '/run/innkeeper-firewall.confirmed',
} as const

/** What stays on the machine of set-up itself. */
export const keptIn = ({ home }: Pick<Places, 'home'>) => ({
  journal: `${home}/setup/journal.db`,
  record: `${home}/setup/record.json`,
  table: `${home}/setup/firewall.txt`,
  before: (run: string) => `${home}/setup/packages-before-${run}`,
})

export const TABLE = 'innkeeper_firewall'

/** What apt does once a day. Which updates are taken (security) stands in the package's own 50unattended-upgrades. */
export const UPDATES = `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
`

/** The first value counts for sshd, and Debian reads this folder first: ours comes before those of cloud-init. */
export const SSH = `PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
`

/**
 * A table of its own: what others have in nftables stays. It knows what comes in, so that Docker, which redirects before,
 * goes past it. Echo requests and what IPv6 needs to work (icmpv6, DHCPv6) stay open.
 */
export const firewallRules = (ports: readonly number[]): string => `table inet ${TABLE} {}
delete table inet ${TABLE}
table inet ${TABLE} {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    ip6 saddr fe80::/10 udp dport 546 accept
    tcp dport { ${ports.join(', ')} } accept
  }
}
`

/** Comes again after nftables.service, which begins with an empty set of rules whenever it is started. */
export const UNIT = `[Unit]
Description=Innkeeper: what is open to the outside
DefaultDependencies=no
After=local-fs.target nftables.service
PartOf=nftables.service
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${PATHS.rules}

[Install]
WantedBy=sysinit.target
`

/** At boot, where there is no systemd. cron takes % for the end of a command. */
export const cron = ({ home, project }: Places): string => `PATH=/usr/sbin:/usr/bin:/sbin:/bin
INNKEEPER_HOME=${home}
@reboot root [ ! -e ${PATHS.rules} ] || nft -f ${PATHS.rules}; ${quoteShell(`${project}/inn`).replaceAll('%', '\\%')} up
`

export const FSTAB_LINE = `${PATHS.swap} none swap sw 0 0 # innkeeper`
