const START = 'is how etcd starts and says that it is ready, which provision counts on';
const END =
  'is when etcd ends and comes back: a member that was removed must stay ended, and one that dies again and again must end as failed';
const SANDBOX = 'belongs to the sandbox of the unit, which stays as it is';
const LOG = 'would take the log of etcd away from where doctor and a failed start look for it';

const RESERVED: readonly (readonly [RegExp, string])[] = [
  [/^(User|Group|SupplementaryGroups|DynamicUser)$/, 'comes from etcd.user'],
  [
    /^(Environment|EnvironmentFile|PassEnvironment|UnsetEnvironment)$/,
    'could set what etcd runs with past the checks; flags belong into etcd.settings',
  ],
  [
    /^(Type|NotifyAccess|Exec\w+|RemainAfterExit|GuessMainPID|PIDFile|Bus\w+|Sockets|TimeoutStartSec|TimeoutSec|WorkingDirectory|Root\w+|OpenFile|PAMName)$/,
    START,
  ],
  [
    /^(Restart\w*|StartLimit\w+|SuccessExitStatus|RuntimeMaxSec|RuntimeRandomizedExtraSec|Watchdog\w+|Kill\w+|SendSIG\w+|FinalKillSignal|TimeoutAbortSec|Timeout\w+FailureMode|FailureAction|SuccessAction|OOMPolicy|ManagedOOM\w+|ReloadSignal)$/,
    END,
  ],
  [
    /^(Condition\w+|Assert\w+|Requires\w*|Wants\w*|Requisite|BindsTo|PartOf|Upholds|Conflicts|After|Before|On(Failure|Success)\w*|StopWhenUnneeded|Refuse\w+|DefaultDependencies|JoinsNamespaceOf|Description|Documentation|WantedBy|RequiredBy|Also|Alias)$/,
    'belongs to [Unit] or [Install], where the guard of the data stands; etcd.service is about [Service]',
  ],
  [
    /^(Protect\w+|Private\w+|Restrict\w+|ReadWrite\w+|ReadOnly\w+|Inaccessible\w+|ExecPaths|NoExecPaths|Bind\w+|TemporaryFileSystem|Mount\w+|ProcSubset|NoNewPrivileges|Capabilit\w+|Ambient\w+|SecureBits|SystemCall\w+|LockPersonality|MemoryDenyWriteExecute|RemoveIPC|Keyring\w+|Device\w+|UMask|NetworkNamespacePath|IPAddress\w+|SELinuxContext|AppArmorProfile|SmackProcessLabel|(State|Runtime|Cache|Logs|Configuration)Directory\w*|Delegate\w*|Set(Login|Credential)\w*|LoadCredential\w*)$/,
    SANDBOX,
  ],
  [/^(Standard\w+|Syslog\w+|Log\w+|TTY\w+)$/, LOG],
  [/^LimitCORE$/, 'is 0: a core file would hold keys'],
  [/^LimitMEMLOCK$/, 'is infinity already, for the flag memory-mlock'],
  [/^Limit(NICE|RTPRIO|RTTIME)$/, 'has no effect: etcd may not change its own priority'],
  [/^Limit\w+$/, 'could end a member that works; of the limits only LimitNOFILE may be set'],
  [
    /^(CPUSchedulingPriority|CPUSchedulingResetOnFork)$/,
    'counts for realtime policies only, under which etcd could keep sshd from running',
  ],
  [
    /^(MemoryLimit|CPUShares|StartupCPUShares|BlockIO\w+)$/,
    'is the former name of a setting: write MemoryMax, CPUWeight or IOWeight',
  ],
];

/** Why an inventory must not set that setting of systemd; undefined where nothing is known against it. */
export function whyReserved(name: string): string | undefined {
  return RESERVED.find(([pattern]) => pattern.test(name))?.[1];
}
