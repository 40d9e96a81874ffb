import * as z from 'zod';

// etcdserver/api/etcdhttp/health.go: {"health":"false","reason":"ALARM CORRUPT"}, with status 503; one alarm at a time.
const healthSchema = z.object({ health: z.string().optional(), reason: z.string().optional() });

/** What a member's /health says. */
export interface Health {
  /** Whether a read succeeded and no alarm is raised. */
  readonly healthy: boolean;
  /** The kind of the alarm for which it is unhealthy, if it is for one. */
  readonly alarm: string | undefined;
}

/** Reads an answer of /health; what etcd does not answer there is unhealthy, for no alarm. */
export function readHealth(text: string): Health {
  try {
    const { health, reason = '' } = healthSchema.parse(JSON.parse(text));
    return { healthy: health === 'true', alarm: /ALARM (\w+)/i.exec(reason)?.[1] };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      return { healthy: false, alarm: undefined };
    throw error;
  }
}
