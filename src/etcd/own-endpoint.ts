import { type Argument, type Command, lines, sh } from '../shell/command.ts';

/** What a host needs to ask the etcd that runs on it. */
export interface OwnEtcd {
  /** The systemd unit without its ending. */
  readonly unit: string;
  /** Directory of the etcdctl to use. */
  readonly binDirectory: Argument;
  /** The client pair on the host, used where the process serves https. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** etcdctl's exit code is never this one; it says that there is no process to ask. */
export const NO_PROCESS = 69;

/** Nor this one; it says that the process that was asked has ended meanwhile. */
export const PROCESS_ENDED = 70;

/** Seconds etcdctl has for an answer, unless told. */
const SECONDS = 5;

/** What to ask a member: the words behind etcdctl. */
export type Question = readonly Argument[];

/**
 * An etcdctl command that asks the host's own member through the endpoint it really serves, read from the running
 * process: while a protocol is being switched, the configuration says one thing and the process another. https is
 * preferred where both are served, at the port where it is, so that what has been begun is proven by asking. The environment is bare, since ETCDCTL_* beside a flag is fatal from 3.4 on.
 */
export function ownEtcdctl(own: OwnEtcd, question: Question, seconds = SECONDS): Command {
  return lines([findOwn(own), ask(own, question, seconds)]);
}

/**
 * The same for a question that takes long, or ends the process that is asked: etcdctl goes on asking for all its time then.
 * Gives up as soon as the process is gone, with the code that says so.
 */
export function ownEtcdctlWhileItRuns(own: OwnEtcd, question: Question, seconds: number): Command {
  return lines([
    findOwn(own),
    sh`${ask(own, question, seconds)} </dev/null &
asked=$!
while kill -0 $asked; do [ -d /proc/$pid ] || kill $asked; sleep 0.2; done </dev/null >/dev/null 2>&1 &
wait $asked
code=$?
[ $code = 0 ] || [ -d /proc/$pid ] || { echo 'the etcd process ended while it was asked' >&2; exit ${PROCESS_ENDED}; }
exit $code`,
  ]);
}

/**
 * The same for three questions side by side in one command, since each channel and each look for the process costs the
 * host more than etcd's answer. Prints what the third said, then the second, then the first with its complaints; behind
 * each a line of the mark and its exit code.
 */
export function ownEtcdctls(
  own: OwnEtcd,
  [first, second, third]: readonly [Question, Question, Question],
  mark: string,
): Command {
  // The answers are short: collecting garbage would be a tenth of what asking costs the host.
  const asked = (question: Question) => ask(own, question, SECONDS, sh`GOGC=off`);
  const end = sh`printf '\n%s %d\n' ${mark} $?`;
  return lines([
    findOwn(own),
    sh`{ ${asked(first)} 2>&1 </dev/null; ${end}; } | {
  exec 3<&0
  { ${asked(second)} 2>/dev/null </dev/null 3<&-; ${end}; } | { ${asked(third)} 2>/dev/null </dev/null 3<&-; ${end}; cat; cat <&3; }
}`,
  ]);
}

function findOwn({ unit, tls }: OwnEtcd): Command {
  return sh`pid=$(systemctl show ${unit}.service --property=MainPID --value)
[ "$pid" -gt 0 ] || { echo 'no etcd process' >&2; exit ${NO_PROCESS}; }
urls= listen= file=
for set in $(tr '\\0' '\\n' < /proc/$pid/environ | grep -E '^ETCD_(ADVERTISE|LISTEN)_CLIENT_URLS='); do
  case $set in ETCD_A*) urls=\${set#*=} ;; *) listen=\${set#*=} ;; esac
done
# Flags go before variables, and a file of YAML in the place of both: only what somebody else has set up has either.
words=$(tr '\\0' '\\n' < /proc/$pid/cmdline)
case $words in *-client-urls* | *-config-file*)
  file=$(printf '%s\\n' "$words" | sed -n -E -e '/^--?config-file$/{N;s/\\n/=/}' -e 's/^--?config-file=//p')
  for set in $(printf '%s\\n' "$words" | sed -n -E -e '/^--?(advertise|listen)-client-urls$/{N;s/\\n/=/}' -e 's/^--?([al])[a-z]*-client-urls=/\\1=/p') \
    $([ -z "$file" ] || sed -n -E -e 's/ *#.*//' -e "s/[\\"' ]//g" -e 's/^([al])[a-z]*-client-urls:/\\1=/p' -- "$file"); do
    case $set in a*) urls=\${set#*=} ;; *) listen=\${set#*=} ;; esac
  done ;;
esac
case ",$urls;,$listen" in
  *,https://*';'*) url=https://\${urls#*https://} ;;
  *,https://*) port=\${listen#*https://}; port=\${port%%,*}; url=\${urls%%,*}; url=https\${url#http}; url=\${url%:*}:\${port##*:} ;;
  *) url=$urls ;;
esac
# What is advertised may be wrong: where nobody listens at that port, it is asked where it does listen.
url=\${url%%,*}; url=\${url%/}
case ",$listen," in ,, | *:"\${url##*:}"[,/]*) ;; *)
  host=\${url#*://}; url=\${listen%%,*}
  case ",$listen" in *,https://*) url=https://\${listen#*https://}; url=\${url%%,*} ;; esac
  case $url in *://0.0.0.0:* | *://\\[::\\]:*) url=\${url%%://*}://\${host%:*}:\${url##*:} ;; esac ;;
esac
${lent(tls)}`;
}

/**
 * Where provision has brought no certificates yet, the member is asked with those that its process has: one that its own
 * client port takes. That of the peers comes before that of the server,
 * which may be for servers alone; where peers have a CA of their own, clients are not known by it. What it shows is not
 * verified: a certificate that names nobody is one reason to change it, and it is the host's own process that is asked.
 */
function lent(tls: OwnEtcd['tls']): Command {
  return sh`given() {
  if [ -n "$file" ]; then sed -n -E "/^$2:/,/^[^ #]/s/^ +$3: *//p" -- "$file" | sed -E -e 's/ *#.*//' -e "s/[\\"' ]//g"
  else
    flag=$(printf '%s\\n' "$words" | sed -n -E -e "/^--?$1\$/{N;s/\\n/=/}" -e "s/^--?$1=//p" | tail -n 1)
    name=ETCD_$(printf %s "$1" | tr a-z- A-Z_)
    [ -n "$flag" ] && echo "$flag" || tr '\\0' '\\n' < /proc/$pid/environ | sed -n "s/^$name=//p"
  fi
}
set --
case $url in https://*)
  if [ -e ${tls.cert} ]; then set -- --cacert=${tls.ca} --cert=${tls.cert} --key=${tls.key}; else
    ca=$(given trusted-ca-file client-transport-security trusted-ca-file)
    peers=$(given peer-trusted-ca-file peer-transport-security trusted-ca-file)
    [ -n "$ca" ] || ca=$(given ca-file client-transport-security ca-file)
    [ -n "$peers" ] || peers=$(given peer-ca-file peer-transport-security ca-file)
    cert=$(given client-cert-file client-transport-security client-cert-file)
    key=$(given client-key-file client-transport-security client-key-file)
    if [ -z "$cert" ] && [ -n "$peers" ] && { [ -z "$ca" ] || cmp -s "$ca" "$peers"; }; then
      cert=$(given peer-cert-file peer-transport-security cert-file)
      key=$(given peer-key-file peer-transport-security key-file)
    fi
    if [ -z "$cert" ]; then
      cert=$(given cert-file client-transport-security cert-file)
      key=$(given key-file client-transport-security key-file)
    fi
    ca=\${ca:-$peers}
    set -- --insecure-skip-tls-verify
    [ -z "$ca" ] || set -- "$@" --cacert="$ca"
    [ -z "$cert" ] || set -- "$@" --cert="$cert" --key="$key"
  fi ;;
esac`;
}

function ask(
  { binDirectory }: OwnEtcd,
  question: Question,
  seconds: number,
  setting = sh``,
): Command {
  const words = question.reduce<Command>((built, word) => sh`${built} ${word}`, sh``);
  return sh`env -i PATH=/usr/bin:/bin ETCDCTL_API=3 ${setting} ${binDirectory}/etcdctl --endpoints="\${url%%,*}" --dial-timeout=2s --command-timeout=${seconds}s "$@"${words}`;
}
