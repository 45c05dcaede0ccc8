# Stands between a service and its svlogd: secrets are masked and levels left out before anything reaches the disk.
# Arguments: the program that prints the rules, `--`, and how svlogd is started. It needs nothing but perl-base, which every Debian has.
# A line of the rules is `secret NAME HEX` or `keep LEVEL SHARE`. HUP: they are read again. TERM: it ends after a whole line.
use strict;
use warnings;

use constant {
  BLOCK => 65_536,
  # What is read at once when there is this much, and else a moment later: a process that wakes for each line costs more.
  MUCH => 16_384,
  NAP => 0.005,
  EVERY => 60,
  EINTR => 4,
  LOCK_EX => 2,
  F_SETPIPE_SZ => 1031,
  PIPE => 1_048_576,
};

my (@rules, @svlogd);
push @rules, shift @ARGV while @ARGV && $ARGV[0] ne '--';
@svlogd = @ARGV[1 .. $#ARGV];
my ($secrets, $longest, %name_of, %share);
my ($reread, $ending) = (0, 0);

# What came and is not handed on yet: never more than two blocks.
my $held = '';
# Whether the line in hand is left out, and at which level; a line that goes on (a frame of a stack) follows its head.
my $left_out = '';
my $inside = 0;
my (%owed, %counted);
my $said_at = time;
my ($to, $child);

$SIG{HUP} = sub { $reread = 1 };
$SIG{TERM} = sub { $ending = 1 };
# A handler and not IGNORE, which svlogd and what it starts would inherit.
$SIG{PIPE} = sub { };

sub read_rules {
  my (%names, %shares);
  open my $file, '-|:raw', @rules or die "cannot read its rules: $!\n";
  while (my $line = <$file>) {
    chomp $line;
    my ($what, $name, $value) = split / /, $line;
    $names{pack 'H*', $value} = $name if $what eq 'secret';
    $shares{$name} = $value if $what eq 'keep';
  }
  close $file or die "cannot read its rules\n";
  my @longest_first = sort { length $b <=> length $a || $a cmp $b } keys %names;
  my $any = join '|', map { quotemeta } @longest_first;
  $secrets = @longest_first ? qr/$any/ : undef;
  $longest = @longest_first ? length $longest_first[0] : 1;
  %name_of = %names;
  %share = %shares;
}

# Waits for a svlogd of a filter that was killed: it still writes what it has, and holds the lock meanwhile.
sub start_svlogd {
  close $to if $to;
  if (open my $lock, '<', "$svlogd[-1]/lock") {
    flock $lock, LOCK_EX;
    close $lock;
  }
  $child = open $to, '|-', @svlogd or die "cannot start $svlogd[0]: $!\n";
}

sub hand_on {
  my ($text) = @_;
  for (my $done = 0; $done < length $text;) {
    my $written = syswrite $to, $text, length($text) - $done, $done;
    if (defined $written) { $done += $written }
    elsif ($! != EINTR) {
      # svlogd was killed. A service must not wait for a person.
      sleep 1;
      start_svlogd();
    }
  }
}

# How much of what is held can be handed on: whole lines. Of a line without an end, all but what a secret may begin in.
sub ready {
  my $lines = 1 + rindex $held, "\n";
  return $lines if $lines > 0 || length $held < BLOCK;
  my $whole = length($held) - $longest + 1;
  return $whole if !defined $secrets;
  my $ready = $whole;
  while ($held =~ /$secrets/g) {
    last if $-[0] >= $whole;
    $ready = $+[0] if $+[0] > $ready;
  }
  pos($held) = undef;
  return $ready;
}

my %LEVEL = (
  (map { $_ => 'debug' } qw(debug trace verbose silly http)),
  (map { $_ => 'info' } qw(info log notice)),
  (map { $_ => 'warn' } qw(warn warning)),
  (map { $_ => 'error' } qw(error err fatal critical crit alert emerg panic)),
);
my $WORD = qr/debug|trace|verbose|info|log|warn|warning|error|fatal|err/i;
my $METHOD = qr/(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)/;

# The level of a line by the rules of `levelOf` in watch/logs/level.ts; '': it has none. Of several, none is sure.
sub level_of {
  my ($line) = @_;
  $line =~ s/\e\[[\d;]*m//g if index($line, "\e") >= 0;
  if ($line =~ /^\s*\{/) {
    my @all = $line =~ /"level"\s*:\s*"?(\w+)/g;
    return '' if @all != 1;
    return $LEVEL{lc $all[0]} // '' if $all[0] !~ /^\d+$/;
    return $all[0] >= 50 ? 'error' : $all[0] >= 40 ? 'warn' : $all[0] >= 30 ? 'info' : 'debug';
  }
  return $LEVEL{lc $1} // ''
    if $line =~ /^\[\w+\] \d+ {1,9}- [\d\/:,. APM]{1,40} {1,9}(LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) /;
  return $1 >= 500 ? 'error' : $1 >= 400 ? 'warn' : 'info'
    if $line =~ /^$METHOD \S+ (\d{3}) [\d.-]+ (?:ms )?- /
    || $line =~ /^\S+ - (?:\S+ )?(?:\[[^\]]*\] )?"?$METHOD \S+ HTTP\/[\d.]+"? (\d{3}) /;
  return $LEVEL{lc $1} if $line =~ /^[\[\s<]*(?:[\d:.TZ-]+\s+)?[\[<]?($WORD)\b[\]>:]?/;
  return '';
}

# Whether a line is left out: of each level that has a share, as many lines are kept as the share says, evenly.
sub leaves_out {
  my ($level) = @_;
  my $share = $share{$level} // return '';
  $owed{$level} += $share;
  return $level if $owed{$level} < 1;
  $owed{$level} -= 1;
  return '';
}

sub kept {
  my ($text) = @_;
  return $text if !%share;
  my $kept = '';
  while ($text =~ /([^\n]*\n?)/g) {
    my $line = $1;
    last if $line eq '';
    if (!$inside && $line !~ /^[ \t]/) { $left_out = leaves_out(level_of($line)) }
    $inside = substr($line, -1) ne "\n";
    if ($left_out eq '') { $kept .= $line }
    elsif (!$inside) { $counted{$left_out}++ }
  }
  return $kept;
}

sub pass {
  my ($bytes) = @_;
  return if $bytes == 0;
  my $text = substr $held, 0, $bytes, '';
  $text =~ s/($secrets)/***$name_of{$1}***/g if defined $secrets;
  hand_on(kept($text));
}

sub say_counts {
  return if !%counted || $inside;
  my $counts = join ' and ', map { "$counted{$_} $_" } sort { $b cmp $a } keys %counted;
  hand_on("innkeeper: left out $counts in the last " . (time - $said_at) . " s\n");
  %counted = ();
}

# Bytes that came; 0: no more will come; undef: a signal came, or it is time to say counts.
sub take_in {
  if (%counted) {
    my $ready = '';
    vec($ready, 0, 1) = 1;
    my $left = $said_at + EVERY - time;
    return undef if $left <= 0 || select($ready, undef, undef, $left) <= 0;
  }
  return sysread STDIN, $held, BLOCK, length $held;
}

read_rules();
binmode STDIN;
# Room for what a service says while this is started again.
fcntl STDIN, F_SETPIPE_SZ, PIPE;
start_svlogd();
until ($ending && $held eq '' && !$inside) {
  if ($reread) {
    $reread = 0;
    # A service whose log ends waits for ever, so that the rules of before stay.
    eval { read_rules(); 1 } or warn "the rules of before stay: $@";
    kill HUP => $child;
  }
  if (time - $said_at >= EVERY) {
    say_counts();
    $said_at = time;
  }
  my $come = take_in();
  next if !defined $come;
  last if $come == 0;
  pass(ready());
  select undef, undef, undef, NAP if $come < MUCH;
}
pass(length $held);
$inside = 0;
say_counts();
close $to;
