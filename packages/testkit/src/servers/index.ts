export { freePort } from './free-port.ts';
export { MissingServer } from './missing-server.ts';
export { startNats } from './nats.ts';
export { startPgBouncer, type PgBouncerOptions } from './pgbouncer.ts';
export { startPostgres, type PostgresOptions } from './postgres.ts';
export { startRedis, type RedisOptions } from './redis.ts';
export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from './redis-cluster.ts';
export { startServer, type Server, type ServerRecipe } from './server.ts';
