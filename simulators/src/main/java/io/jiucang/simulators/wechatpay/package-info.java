/** WeChat Pay as one merchant sees it: API v3 over HTTP, notifications, the statement, and a payer with a phone. Demo and tests only. */
@NullMarked
package io.jiucang.simulators.wechatpay;

import org.jspecify.annotations.NullMarked;
