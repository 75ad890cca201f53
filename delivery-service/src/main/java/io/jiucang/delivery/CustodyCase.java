package io.jiucang.delivery;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A case in custody, as others tell of it; who stores it tells apart from who may have it.
 *
 * @param bin null while it stands in none
 * @param damaged whether the warehouse found it so
 * @param free whether its token is neither locked nor burned
 */
record CustodyCase(
        TokenId tokenId,
        @Nullable BoxCode boxCode,
        @Nullable String site,
        @Nullable String bin,
        Instant grantedAt,
        boolean damaged,
        boolean free) {}
