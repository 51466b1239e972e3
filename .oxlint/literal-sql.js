/**
 * SQL is a literal and its values are bound (S-66): the first argument of `raw`, `whereRaw`, `query`
 * and the like is a string, a template without expressions or the name of one; a
 * template with expressions or a sum of strings is refused, wherever its parts come from.
 */
const takesSql = /^(raw|query|\w+Raw)$/;

const literalSql = {
	create(context) {
		return {
			CallExpression({callee, arguments: [text]}) {
				if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
				if (text === undefined || !takesSql.test(callee.property.name)) return;
				const isMade =
					(text.type === 'TemplateLiteral' && text.expressions.length > 0) ||
					text.type === 'BinaryExpression' ||
					text.type === 'CallExpression';
				if (isMade) {
					context.report({node: text, message: 'SQL is a literal; bind its values'});
				}
			},
		};
	},
};

export default {meta: {name: 'latchkey'}, rules: {'literal-sql': literalSql}};
