import {Router} from '@koa/router';
import Koa from 'koa';

/*
What the server is compared with: Koa and its router as their documentation starts them, one route,
constant JSON. Arguments: port, and the JSON to answer.
*/

const [port, json = ''] = process.argv.slice(2);
const answer: unknown = JSON.parse(json);

const router = new Router();
router.get('/api/v1/sources/:id', (ctx) => {
	ctx.body = answer;
});

new Koa().use(router.routes()).listen(Number(port), '127.0.0.1');
process.on('disconnect', () => process.exit());
