import {once} from 'node:events';
import {Router} from '@koa/router';
import Koa from 'koa';

/*
What the server is compared with: Koa and its router as their documentation starts them, constant
JSON. A GET, and a POST whose body is read and thrown away. Arguments: port, and the JSON that each
answers.
*/

const [port, ...answers] = process.argv.slice(2);
const [answerToGet, answerToPost] = answers.map((json) => JSON.parse(json) as unknown);

const router = new Router();
router.get('/api/v1/sources/:id', (ctx) => {
	ctx.body = answerToGet;
});
router.post('/api/v1/keys/verify', async (ctx) => {
	const chunks: Buffer[] = [];
	ctx.req.on('data', (chunk: Buffer) => chunks.push(chunk));
	await once(ctx.req, 'end');
	void Buffer.concat(chunks);
	ctx.body = answerToPost;
});

new Koa().use(router.routes()).listen(Number(port), '127.0.0.1');
