# Runs one try of a job, as a process of its own: it goes on when the keeper ends, and writes what became of it into files.
# Arguments: the folder of the run, the number of the try. What is run comes on standard input, because it holds secrets:
# lines `arg HEX`, `env HEX`, `secret NAME HEX`, `cgroup HEX`, `timeout S`, `grace S`, `memory BYTES`, and at last `end`.
# In the folder are then N.begun, N.child, N.ended (N: the try) and output.0, output.1 …; `stop` there tells it to end.
use strict;
use warnings;
use Errno qw(EINTR EAGAIN);
use Fcntl qw(O_CREAT O_EXCL O_WRONLY O_APPEND F_GETFL F_SETFL O_NONBLOCK);
use IO::Handle;
use POSIX ();

use constant {
  BLOCK => 65_536,
  # What is kept of its output: the first piece, and the last ones.
  PIECE => 65_536,
  LAST => 3,
  NAP => 0.25,
  # A program that closed its outputs mostly ends at once.
  SOON => 0.01,
  DRAIN => 2,
};

my ($folder, $attempt) = @ARGV;
my ($env, $cgroup, $memory, $timeout, $grace) = ('', '', 0, 0, 10);
my (@argv, %name_of);

# false: the keeper ended before it had said everything.
sub read_order {
  while (my $line = <STDIN>) {
    chomp $line;
    my ($what, $value, $more) = split / /, $line;
    if ($what eq 'end') { return 1 }
    elsif ($what eq 'arg') { push @argv, pack 'H*', $value // '' }
    elsif ($what eq 'env') { $env = pack 'H*', $value // '' }
    elsif ($what eq 'secret') { $name_of{pack 'H*', $more} = $value }
    elsif ($what eq 'cgroup') { $cgroup = pack 'H*', $value }
    elsif ($what eq 'timeout') { $timeout = $value }
    elsif ($what eq 'grace') { $grace = $value }
    elsif ($what eq 'memory') { $memory = $value }
  }
  return 0;
}

sub slurp {
  my ($path) = @_;
  open my $file, '<', $path or return '';
  local $/;
  my $text = <$file>;
  close $file;
  return $text // '';
}

# Seconds since the machine started, which no clock that is set moves.
sub uptime { return (split / /, slurp('/proc/uptime'))[0] }

# Fields of a process after its name, which may hold anything; the first is its state.
sub stat_of {
  my ($pid) = @_;
  my $text = slurp("/proc/$pid/stat");
  return split / /, $1 if $text =~ /^\d+ \(.*\) (.*)/s;
  return ();
}

# When a process started, in ticks after the start of the machine. With the pid and the boot it names a process.
sub identity {
  my ($pid) = @_;
  my $boot = slurp('/proc/sys/kernel/random/boot_id');
  chomp $boot;
  return "$pid " . ((stat_of($pid))[19] // '-') . " $boot";
}

# Writes a file as a whole, so that a power cut leaves it or none. `alone`: false where it is there already.
sub write_whole {
  my ($name, $text, $alone) = @_;
  my $temporary = "$folder/.$name.$$";
  sysopen my $file, $temporary, O_CREAT | O_EXCL | O_WRONLY, 0600 or return 0;
  my $written = syswrite $file, "$text\n";
  my $whole = defined $written && $written == length($text) + 1 && $file->sync;
  close $file;
  if (!$whole) {
    # The disk is full.
    unlink $temporary;
    return 0;
  }
  my $done = $alone ? link($temporary, "$folder/$name") : rename($temporary, "$folder/$name");
  unlink $temporary if $alone;
  return $done;
}

my ($piece, $size, $to) = (-1, PIECE, undef);

# Goes on where an earlier try ended.
sub open_output {
  opendir my $all, $folder or return;
  my @pieces = sort { $a <=> $b } map { /^output\.(\d+)$/ ? $1 : () } readdir $all;
  closedir $all;
  return if !@pieces;
  $piece = $pieces[-1];
  sysopen $to, "$folder/output.$piece", O_WRONLY | O_APPEND or die;
  $size = -s "$folder/output.$piece";
}

sub keep {
  my ($text) = @_;
  while ($text ne '') {
    if ($size >= PIECE) {
      $piece++;
      sysopen $to, "$folder/output.$piece", O_CREAT | O_WRONLY | O_APPEND, 0600 or return;
      $size = 0;
      my $old = $piece - LAST;
      unlink "$folder/output.$old" if $old > 0;
    }
    my $some = substr $text, 0, PIECE - $size, '';
    syswrite $to, $some;
    $size += length $some;
  }
}

my $secrets;
my $longest = 1;
my $held = '';

sub prepare_secrets {
  my @longest_first = sort { length $b <=> length $a || $a cmp $b } keys %name_of;
  return if !@longest_first;
  my $any = join '|', map { quotemeta } @longest_first;
  $secrets = qr/$any/;
  $longest = length $longest_first[0];
}

# Keeps what is held, as far as no secret can go on behind it: whole lines, and of a long line all but its end.
sub pass {
  my ($all) = @_;
  my $bytes = $all ? length $held : 1 + rindex $held, "\n";
  if ($bytes == 0 && length $held >= BLOCK) {
    $bytes = length($held) - $longest + 1;
    if (defined $secrets) {
      while ($held =~ /$secrets/g) {
        last if $-[0] >= $bytes;
        $bytes = $+[0] if $+[0] > $bytes;
      }
      pos($held) = undef;
    }
  }
  return if $bytes <= 0;
  my $text = substr $held, 0, $bytes, '';
  $text =~ s/($secrets)/***$name_of{$1}***/g if defined $secrets;
  keep($text);
}

# Starts the program in a session of its own; returns its pid and what it prints into.
sub start_program {
  # The launcher closes what it must not have, so that nothing needs to be closed when it starts.
  local $^F = 1_000;
  pipe my $out, my $in or die;
  pipe my $env_out, my $env_in or die;
  my $pid = fork // die;
  if ($pid == 0) {
    POSIX::setsid();
    # The launcher makes folders that the app goes through.
    umask 0022;
    $SIG{$_} = 'DEFAULT' for qw(TERM HUP PIPE INT);
    open STDIN, '<', '/dev/null';
    POSIX::dup2(fileno $in, 1);
    POSIX::dup2(fileno $in, 2);
    close $env_in;
    POSIX::dup2(fileno $env_out, 3);
    POSIX::close(fileno $env_out) if fileno $env_out != 3;
    %ENV = (PATH => $ENV{PATH});
    { no warnings; exec { $argv[0] } @argv; }
    POSIX::_exit(127);
  }
  close $in;
  close $env_out;
  syswrite $env_in, $env;
  close $env_in;
  return ($pid, $out);
}

# The processes of a session, with the pages of memory that each has.
sub members {
  my ($session) = @_;
  opendir my $all, '/proc' or return ();
  my %pages;
  for my $pid (grep { /^\d+$/ } readdir $all) {
    my @fields = stat_of($pid);
    $pages{$pid} = $fields[21] if @fields && $fields[3] == $session;
  }
  closedir $all;
  return %pages;
}

sub rss {
  my %pages = members(@_);
  my $sum = 0;
  $sum += $_ for values %pages;
  return $sum * POSIX::sysconf(POSIX::_SC_PAGESIZE());
}

# Kills the program with everything that it started.
sub end_all {
  my ($session) = @_;
  my %pages = members($session);
  kill KILL => keys %pages;
  return if $cgroup eq '';
  open my $file, '>', "$cgroup/cgroup.kill" or return;
  syswrite $file, '1';
  close $file;
}

my $told = 0;

# Waits for the program to end, and ends it where it must; returns how it ended and its status.
sub attend {
  my ($pid, $out) = @_;
  my $flags = fcntl $out, F_GETFL, 0;
  fcntl $out, F_SETFL, $flags | O_NONBLOCK;
  my $begun = uptime();
  my ($how, $kill_at, $looked_at, $closed, $soon) = ('', 0, 0, 0, 50);
  while (1) {
    $closed ||= take($out, NAP);
    pass(0);
    if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
      my $status = $?;
      if ($how eq '' && $cgroup ne '' && slurp("$cgroup/memory.events") =~ /^oom_kill [1-9]/m) { $how = 'memory' }
      end_all($pid);
      # A process that left its session may hold the pipe for ever.
      for (my $until = uptime() + DRAIN; !$closed && uptime() < $until;) {
        $closed = take($out, NAP);
        pass(0);
      }
      pass(1);
      return ($how, $status);
    }
    select undef, undef, undef, ($soon-- > 0 ? SOON : NAP) if $closed;
    my $now = uptime();
    if ($how eq '') {
      if ($told || -e "$folder/stop") { $how = 'stopped' }
      elsif ($now - $begun >= $timeout) { $how = 'timeout' }
      elsif ($memory && $now - $looked_at >= 1) {
        $looked_at = $now;
        $how = 'memory' if rss($pid) > $memory;
      }
      next if $how eq '';
      $kill_at = $how eq 'memory' ? $now : $now + $grace;
      kill TERM => -$pid if $how ne 'memory';
    }
    end_all($pid) if $kill_at && $now >= $kill_at;
  }
}

# Reads what is there, within some seconds; true: no more will come.
sub take {
  my ($out, $seconds) = @_;
  my $ready = '';
  vec($ready, fileno $out, 1) = 1;
  return 0 if select($ready, undef, undef, $seconds) <= 0;
  my $n = sysread $out, $held, BLOCK, length $held;
  return 0 if !defined $n && ($! == EINTR || $! == EAGAIN);
  return !$n;
}

exit 0 if !read_order() || !@argv;
# The keeper is not its parent, so that whoever ends the keeper's children does not end it.
exit 0 if fork;
POSIX::setsid();
chdir '/';
umask 0077;
$SIG{HUP} = $SIG{PIPE} = 'IGNORE';
$SIG{TERM} = $SIG{INT} = sub { $told = 1 };
# Who begins first alone goes on: the keeper may have started this twice.
exit 0 if !write_whole("$attempt.begun", identity($$), 1);
prepare_secrets();
open_output();
keep("--- try $attempt\n") if $attempt > 1;
my ($pid, $out) = start_program();
write_whole("$attempt.child", identity($pid) . ($cgroup eq '' ? '' : " $cgroup"), 0);
my ($how, $status) = attend($pid, $out);
rmdir $cgroup if $cgroup ne '';
my $signal = $status & 127;
my $code = $signal ? '-' : $status >> 8;
$how = $signal ? 'signal' : 'exit' if $how eq '';
my $said = "$how $code " . ($signal || '-');
# On a full disk it waits for room: without this the run would count as cut off. Without its folder nobody
# asks for it, and a machine that goes down does not wait for it.
while (!write_whole("$attempt.ended", $said, 0) && -d $folder && !$told) { select undef, undef, undef, NAP }
