export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 프로세스가 살아 있는지 */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 요청을 받을 준비가 되었는지 */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/nonce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 로그인에 한 번 쓰는 값 받기 (Apple nonce, 네이버 state, 카카오 OIDC nonce; 10분) */
        post: operations["issueLoginNonce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/kakao": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 카카오로 로그인
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         */
        post: operations["loginWithKakao"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/naver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 네이버로 로그인
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         */
        post: operations["loginWithNaver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/apple": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apple로 로그인
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         */
        post: operations["loginWithApple"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/link/kakao": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 내 계정에 카카오 로그인 연결
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         *     - 409 `identity-already-linked` 이미 다른 계정에 연결된 로그인이에요.
         */
        post: operations["linkKakao"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/link/naver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 내 계정에 네이버 로그인 연결
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         *     - 409 `identity-already-linked` 이미 다른 계정에 연결된 로그인이에요.
         */
        post: operations["linkNaver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/link/apple": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 내 계정에 Apple 로그인 연결
         * @description - 401 `login-rejected` 로그인이 확인되지 않았어요. 다시 로그인해 주세요.
         *     - 401 `login-for-another-app` 다른 앱에서 받은 로그인이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         *     - 409 `identity-already-linked` 이미 다른 계정에 연결된 로그인이에요.
         */
        post: operations["linkApple"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 토큰 갱신 (갱신 토큰은 한 번만 쓸 수 있고, 10초 안의 재시도에는 같은 토큰을 돌려줌)
         * @description - 401 `refresh-token-invalid` 로그인이 만료되었어요. 다시 로그인해 주세요.
         *     - 401 `refresh-token-reused` 보안을 위해 로그아웃되었어요. 다시 로그인해 주세요.
         */
        post: operations["refreshTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 이 기기에서 로그아웃 */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 로그인한 기기 목록 */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * 기기 하나를 로그아웃 (이미 끝난 로그인이어도 204)
         * @description - 404 `session-not-found` 로그인 기기를 찾을 수 없어요.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/callbacks/kakao": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 카카오가 보내는 연결 해제 웹훅(200)과 계정 상태 웹훅(202)
         * @description - 400 `security-event-refused` 확인되지 않은 이벤트예요.
         *     - 401 `callback-refused` 확인되지 않은 알림이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         */
        post: operations["receiveKakaoEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/callbacks/naver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 네이버가 보내는 연결 해제 알림
         * @description - 401 `callback-refused` 확인되지 않은 알림이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         */
        post: operations["receiveNaverDisconnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/callbacks/apple": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apple이 보내는 서버 알림
         * @description - 401 `callback-refused` 확인되지 않은 알림이에요.
         *     - 503 `provider-not-configured` 아직 이 방법으로는 로그인할 수 없어요.
         *     - 503 `provider-unavailable` 로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.
         */
        post: operations["receiveAppleNotification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 정보 */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** 내 정보 수정 */
        patch: operations["updateMe"];
        trace?: never;
    };
    "/users/me/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 설정 */
        get: operations["getMySettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** 내 설정 변경 */
        patch: operations["updateMySettings"];
        trace?: never;
    };
    "/users/me/region": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 우리 동네 설정 */
        put: operations["setMyRegion"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 다른 사용자의 프로필
         * @description - 404 `user-not-found` 사용자를 찾을 수 없어요.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/privacy-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 프라이버시 존 목록 (최신순) */
        get: operations["listPrivacyZones"];
        put?: never;
        /**
         * 프라이버시 존 추가
         * @description - 409 `privacy-zone-limit` 프라이버시 존을 더 만들 수 없어요.
         */
        post: operations["addPrivacyZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/privacy-zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * 프라이버시 존 삭제
         * @description - 404 `privacy-zone-not-found` 프라이버시 존을 찾을 수 없어요.
         */
        delete: operations["removePrivacyZone"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 동의 기록 (최신순) */
        get: operations["listConsents"];
        put?: never;
        /** 약관 동의 또는 철회 */
        post: operations["addConsent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/location-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 위치정보 이용·제공 사실 (최신순) */
        get: operations["listLocationUses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 반려동물 목록 (최신순) */
        get: operations["listPets"];
        put?: never;
        /**
         * 반려동물 등록
         * @description - 403 `premium-required` 프리미엄이 필요해요.
         */
        post: operations["addPet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 반려동물 정보
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         */
        get: operations["getPet"];
        put?: never;
        post?: never;
        /**
         * 반려동물 삭제 (산책 기록은 남음)
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         */
        delete: operations["removePet"];
        options?: never;
        head?: never;
        /**
         * 반려동물 정보 수정
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         */
        patch: operations["updatePet"];
        trace?: never;
    };
    "/pets/{id}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 건강 기록 목록 (최신순)
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         */
        get: operations["listHealthRecords"];
        put?: never;
        /**
         * 건강 기록 추가
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         */
        post: operations["addHealthRecord"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pets/{id}/health/{recordId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * 건강 기록 삭제
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         *     - 404 `health-record-not-found` 건강 기록을 찾을 수 없어요.
         */
        delete: operations["removeHealthRecord"];
        options?: never;
        head?: never;
        /**
         * 건강 기록 수정
         * @description - 404 `pet-not-found` 반려동물을 찾을 수 없어요.
         *     - 404 `health-record-not-found` 건강 기록을 찾을 수 없어요.
         */
        patch: operations["updateHealthRecord"];
        trace?: never;
    };
    "/walks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 산책 목록 (최근 것부터) */
        get: operations["listWalks"];
        put?: never;
        /**
         * 산책을 시작한다
         * @description - 403 `location-consent-needed` 위치 이용 동의를 철회해서 산책을 기록할 수 없어요.
         *     - 409 `walk-already-open` 이미 기록 중인 산책이 있어요.
         *     - 409 `walk-id-taken` 이미 쓰인 산책 번호예요.
         *     - 409 `walk-deleted` 삭제한 산책이에요.
         */
        post: operations["startWalk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * GPX 파일을 산책으로 가져온다
         * @description - 422 `gpx-rejected` GPX 파일을 읽을 수 없어요.
         */
        post: operations["importWalk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 위치를 보낸다 (한 번에 1,000개까지, 순서와 중복은 상관없음)
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         *     - 409 `walk-closed` 끝난 지 오래된 산책에는 위치를 더할 수 없어요.
         *     - 409 `walk-deleted` 삭제한 산책이에요.
         *     - 413 `too-many-points` 산책 하나에 담을 수 있는 위치 수를 넘었어요.
         */
        post: operations["addPoints"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 산책을 마치고 판정을 받는다
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         *     - 409 `walk-closed` 끝난 지 오래된 산책에는 위치를 더할 수 없어요.
         *     - 409 `walk-deleted` 삭제한 산책이에요.
         */
        post: operations["completeWalk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 산책 하나 (남의 산책은 공개된 만큼)
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         */
        get: operations["getWalk"];
        /**
         * 오프라인에서 기록한 산책 전체를 올린다 (두 번 보내도 하나)
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         *     - 409 `walk-deleted` 삭제한 산책이에요.
         *     - 409 `walk-closed` 끝난 지 오래된 산책에는 위치를 더할 수 없어요.
         *     - 413 `too-many-points` 산책 하나에 담을 수 있는 위치 수를 넘었어요.
         */
        put: operations["uploadWalk"];
        post?: never;
        /**
         * 산책을 지운다
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         */
        delete: operations["deleteWalk"];
        options?: never;
        head?: never;
        /**
         * 공개 범위, 제목, 메모를 바꾸거나 잘라낸다
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         *     - 409 `walk-not-completed` 아직 완료하지 않은 산책이에요.
         *     - 409 `raw-points-gone` 원본 위치 기록을 지운 산책은 잘라낼 수 없어요.
         */
        patch: operations["editWalk"];
        trace?: never;
    };
    "/walks/{id}/route": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 산책 경로 (남에게는 사생활 구역과 양 끝을 가린 경로)
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         */
        get: operations["getRoute"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/gpx": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 내 산책을 GPX로 내려받는다
         * @description - 404 `walk-not-found` 산책을 찾을 수 없어요.
         */
        get: operations["exportWalk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 기간별 산책 통계 */
        get: operations["getStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/streak": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 연속 산책 일수 */
        get: operations["getStreak"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/badges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 뱃지와 나의 진행률 */
        get: operations["listBadges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/badges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 사용자가 받은 뱃지
         * @description - 404 `user-not-found` 사용자를 찾을 수 없어요.
         */
        get: operations["listBadgesOfUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rankings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 우리 동, 우리 구, 전국 랭킹과 내 순위
         * @description - 409 `home-region-needed` 동네를 먼저 설정해 주세요.
         */
        get: operations["getBoard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rankings/me/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 랭킹 기록에 들어간 산책과 빠진 이유 (최신순) */
        get: operations["explainMyRank"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hall-of-fame": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 명예의 전당 (최근 기간부터)
         * @description - 409 `home-region-needed` 동네를 먼저 설정해 주세요.
         */
        get: operations["getHallOfFame"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 알림 (최신순) */
        get: operations["listNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** 알림을 모두 읽음으로 */
        patch: operations["readNotifications"];
        trace?: never;
    };
    "/notifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * 알림 하나를 읽음으로
         * @description - 404 `notification-not-found` 알림을 찾을 수 없어요.
         */
        patch: operations["readNotification"];
        trace?: never;
    };
    "/push-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 이 기기로 푸시를 받는다 (몇 번을 보내도 하나) */
        post: operations["registerPushToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/push-tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 이 기기로는 푸시를 받지 않는다 */
        delete: operations["forgetPushToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Readiness: {
            /** @enum {string} */
            status: "ok" | "degraded";
            /** @enum {string} */
            database: "ok";
            /** @enum {string} */
            cache: "ok" | "down";
        };
        LoginNonce: {
            nonce: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description `nonce`: only when it was sent to the authorization page (OIDC) */
        KakaoLogin: {
            code: string;
            /** @description As sent to the authorization page */
            redirectUri: string;
            /** @description From POST /auth/nonce */
            nonce?: string;
            deviceName?: string;
        } | {
            accessToken: string;
            deviceName?: string;
        };
        LoginResult: {
            accessToken: string;
            /** Format: date-time */
            accessTokenExpiresAt: string;
            refreshToken: string;
            /** Format: date-time */
            refreshTokenExpiresAt: string;
            isNewUser: boolean;
            user: {
                /** Format: uuid */
                id: string;
                nickname: string;
            };
        };
        NaverLogin: {
            code: string;
            /** @description From POST /auth/nonce */
            state: string;
            deviceName?: string;
        };
        AppleLogin: {
            identityToken: string;
            authorizationCode: string;
            /** @description From POST /auth/nonce */
            nonce: string;
            /** @description Only after the web page (Services ID) */
            redirectUri?: string;
            /** @description Apple tells it only to the app, and only once */
            name?: string;
            deviceName?: string;
        };
        LinkedIdentity: {
            /** @enum {string} */
            provider: "kakao" | "naver" | "apple";
            /** Format: date-time */
            linkedAt: string;
        };
        RefreshRequest: {
            refreshToken: string;
        };
        Tokens: {
            accessToken: string;
            /** Format: date-time */
            accessTokenExpiresAt: string;
            refreshToken: string;
            /** Format: date-time */
            refreshTokenExpiresAt: string;
        };
        SessionPage: {
            items: components["schemas"]["Session"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        Session: {
            /** Format: uuid */
            id: string;
            deviceName: string | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description Login or last refresh
             */
            lastUsedAt: string;
            current: boolean;
        };
        KakaoUnlink: {
            app_id: string;
            user_id: string;
            referrer_type?: string;
        };
        ProviderEventReceived: {
            /** @enum {boolean} */
            received: true;
        };
        NaverDisconnect: {
            clientId?: string;
            encryptUniqueId?: string;
            timestamp?: string;
            signature?: string;
        };
        AppleNotification: {
            payload: string;
        };
        Me: {
            /** Format: uuid */
            id: string;
            nickname: string;
            bio: string | null;
            /** @enum {string} */
            role: "user" | "moderator" | "admin";
            /** @description 행정동 코드 (10자리) */
            regionCode: string | null;
            /** @enum {string} */
            profileVisibility: "public" | "private";
            providers: ("kakao" | "naver" | "apple")[];
            /** Format: date-time */
            createdAt: string;
        };
        MySettings: {
            /** @enum {string} */
            profileVisibility: "public" | "private";
            /** @enum {string} */
            defaultWalkVisibility: "public" | "followers" | "private";
            /** @enum {string} */
            locale: "ko" | "en";
            /** @description 랭킹에 내 이름을 보인다 */
            showInRankings: boolean;
            /** @description 푸시를 받을 알림; 꺼도 알림함에는 남는다 */
            notifications: {
                walk_reminder: boolean;
                badge_earned: boolean;
                ranking_change: boolean;
                social: boolean;
                companion: boolean;
                season_deadline: boolean;
                subscription: boolean;
            };
        };
        PublicProfile: {
            /** Format: uuid */
            id: string;
            nickname: string;
            isPrivate: boolean;
            bio?: string | null;
            /** @description 시군구 코드 (행정동 코드의 앞 5자리) */
            regionCode?: string | null;
            /**
             * Format: date
             * @description 가입일 (KST)
             * @example 2026-11-21
             */
            createdAt?: string & (unknown & unknown);
        };
        PrivacyZone: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            radiusM: number;
            /** Format: date-time */
            createdAt: string;
        };
        Consent: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "terms" | "privacy" | "location" | "marketing";
            /**
             * @description 화면에 보여 준 약관의 버전
             * @example 2026-11-01
             */
            version: string;
            granted: boolean;
            /** Format: date-time */
            at: string;
        };
        LocationUse: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            purpose: "walk_recording" | "walk_route_view";
            /** @description 제공받은 사용자의 id; 서비스가 직접 이용했으면 null */
            providedTo: string | null;
            /** Format: date-time */
            at: string;
        };
        Pet: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            species: "dog";
            breed: string | null;
            /** @enum {string} */
            sex: "male" | "female" | "unknown";
            neutered: boolean | null;
            birthDate: (string & (unknown & unknown)) | null;
            weightKg: number | null;
            temperament: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
            /** Format: date-time */
            createdAt: string;
        };
        HealthRecord: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "weight" | "vaccination" | "vet_visit" | "medication";
            /**
             * Format: date
             * @example 2026-11-21
             */
            date: string & (unknown & unknown);
            title: string | null;
            note: string | null;
            weightKg: number | null;
            /** @description 다음 예정일; date보다 이르지 않아야 함 */
            nextDue: (string & (unknown & unknown)) | null;
            /** Format: date-time */
            createdAt: string;
        };
        StartWalk: {
            /**
             * Format: uuid
             * @description UUIDv7, made by the phone
             */
            id?: string;
            petIds: string[];
            /**
             * Format: date-time
             * @description Start by the clock that stamps the points
             * @example 2026-11-21T08:30:00.000Z
             */
            startedAt?: string & (unknown & unknown);
            /** @enum {string} */
            visibility?: "public" | "followers" | "private";
            title?: string;
        };
        Walk: {
            /** Format: uuid */
            id: string;
            /** @enum {boolean} */
            mine: true;
            /** @enum {string} */
            state: "recording" | "completed" | "abandoned" | "deleted";
            /** @enum {string} */
            source: "live" | "upload" | "gpx";
            /** @enum {string} */
            visibility: "public" | "followers" | "private";
            title: string | null;
            memo: string | null;
            /**
             * Format: date
             * @example 2026-11-21
             */
            walkDate: string & (unknown & unknown);
            /** Format: date-time */
            startedAt: string;
            endedAt: string | null;
            completedAt: string | null;
            /** @description Points are still on their way; the figures are provisional */
            awaitingPoints: boolean;
            /** @description Received; a fix sent again in another chunk counts again */
            storedPoints: number;
            revision: number;
            crop: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            } | null;
            distanceM: number;
            /** @description Part of distanceM credited as a straight line while the phone slept */
            estimatedM: number;
            elapsedS: number;
            movingS: number;
            avgSpeedMps: number;
            /** @description Fastest 30 s */
            topSpeedMps: number;
            counts: boolean;
            /** @description Why the walk does not count; empty when it does */
            reasons: ("no_points" | "too_short" | "too_fast" | "vehicle" | "mock_location" | "synthetic_track" | "starts_in_future" | "duplicate_track" | "overlapping_walk" | "awaiting_points")[];
            /** @description Stretches that were not credited */
            leftOut: components["schemas"]["LeftOut"][];
            /** @description How many points were dropped, by reason */
            droppedPoints: {
                [key: string]: number;
            };
            /** @description A crop that would leave out a forgotten stop */
            trimProposal: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            } | null;
            duplicateOfId: string | null;
            startRegionCode: string | null;
            /** @description Encoded polylines, one for each stretch, 100 points in all */
            preview: string[];
            pets: components["schemas"]["WalkedPet"][];
        };
        LeftOut: {
            /** @enum {string} */
            reason: "pause" | "gap" | "jump" | "vehicle";
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            distanceM: number;
        };
        WalkedPet: {
            /** Format: uuid */
            id: string;
            name: string;
            caloriesKcal: number | null;
        };
        /** @description Any order, overlap or split of chunks gives the same walk */
        PointChunk: {
            points: components["schemas"]["TrackPoint"][];
            pauses?: components["schemas"]["Pause"][];
        };
        TrackPoint: {
            /** @description Running number of the fix on the phone */
            seq: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            t: string & (unknown & unknown);
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            /** @description Negative: unknown */
            accuracyM?: number;
            altitudeM?: number;
            /** @description Negative: unknown */
            speedMps?: number;
            /** @description The system says that the fix is simulated */
            mock?: boolean;
        };
        Pause: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            from: string & (unknown & unknown);
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            to: string & (unknown & unknown);
        };
        ChunkReceipt: {
            /** Format: uuid */
            walkId: string;
            /** @enum {string} */
            state: "recording" | "completed" | "abandoned" | "deleted";
            storedPoints: number;
        };
        CompleteWalk: {
            /** @description How many fixes the phone recorded; fewer stored ones mean that some are still on their way */
            pointCount?: number;
        };
        WholeWalk: {
            petIds: string[];
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            startedAt?: string & (unknown & unknown);
            /** @enum {string} */
            visibility?: "public" | "followers" | "private";
            title?: string;
            points: components["schemas"]["TrackPoint"][];
            pauses?: components["schemas"]["Pause"][];
        };
        WalkPage: {
            items: components["schemas"]["WalkSummary"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        WalkSummary: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            state: "recording" | "completed" | "abandoned" | "deleted";
            /** @enum {string} */
            source: "live" | "upload" | "gpx";
            /** @enum {string} */
            visibility: "public" | "followers" | "private";
            title: string | null;
            /**
             * Format: date
             * @description KST date on which the walk started
             * @example 2026-11-21
             */
            walkDate: string & (unknown & unknown);
            /** Format: date-time */
            startedAt: string;
            endedAt: string | null;
            distanceM: number;
            movingS: number;
            elapsedS: number;
            counts: boolean;
            /** @description Why the walk does not count; empty when it does */
            reasons: ("no_points" | "too_short" | "too_fast" | "vehicle" | "mock_location" | "synthetic_track" | "starts_in_future" | "duplicate_track" | "overlapping_walk" | "awaiting_points")[];
            /** @description Encoded polylines, one for each stretch, 100 points in all */
            preview: string[];
            petIds: string[];
        };
        WalkSeenByOthers: {
            /** Format: uuid */
            id: string;
            /** @enum {boolean} */
            mine: false;
            /** Format: uuid */
            userId: string;
            title: string | null;
            /**
             * Format: date
             * @example 2026-11-21
             */
            walkDate: string & (unknown & unknown);
            /**
             * Format: date-time
             * @description The full hour
             */
            startedAt: string;
            /** @description To the nearest 100 m */
            distanceM: number;
            /** @description To the nearest minute */
            movingS: number;
            /** @description Encoded polylines, one for each stretch, 100 points in all */
            preview: string[];
            pets: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
        };
        Route: {
            /** Format: uuid */
            walkId: string;
            /** @description GeoJSON, [lng, lat]; nothing is credited between two lines */
            geometry: {
                /** @enum {string} */
                type: "MultiLineString";
                coordinates: number[][][];
            };
            /** @description Seconds since startedAt of each point; only in the owner's own view */
            offsetsS: number[][] | null;
        };
        EditWalk: {
            /** @enum {string} */
            visibility?: "public" | "followers" | "private";
            title?: string | null;
            memo?: string | null;
            /** @description Only what lies between counts; null takes the crop back */
            crop?: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2026-11-21T08:30:00.000Z
                 */
                from: string & (unknown & unknown);
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC
                 * @example 2026-11-21T08:30:00.000Z
                 */
                to: string & (unknown & unknown);
            } | null;
        };
        Statistics: {
            /** @enum {string} */
            period: "week" | "month" | "year" | "all";
            from: string | null;
            to: string | null;
            totals: {
                walks: number;
                distanceM: number;
                movingS: number;
            };
            /** @description By day in a week or month, by month otherwise; only those with walks */
            buckets: {
                /**
                 * Format: date
                 * @example 2026-11-21
                 */
                date: string & (unknown & unknown);
                walks: number;
                distanceM: number;
                movingS: number;
            }[];
        };
        Streak: {
            /** @description 오늘까지 이어진 산책 일수. 오늘 산책이 없어도 하루가 끝나기 전에는 끊기지 않아요 */
            days: number;
            since: (string & (unknown & unknown)) | null;
            walkedToday: boolean;
            bestDays: number;
            bestFrom: (string & (unknown & unknown)) | null;
            bestTo: (string & (unknown & unknown)) | null;
            /** @description 보호권으로 이어진 날 (일수에는 들어가지 않아요) */
            shieldedDates: (string & (unknown & unknown))[];
            /** @description 오늘을 지켜 줄 수 있는 보호권 */
            shieldsLeft: number;
        };
        BadgeList: {
            items: components["schemas"]["BadgeProgress"][];
        };
        BadgeProgress: {
            code: string;
            /** @enum {string} */
            category: "distance" | "count" | "streak" | "explore" | "social" | "season";
            name: string;
            description: string;
            /** @enum {string} */
            unit: "m" | "walks" | "days" | "places" | "dongs" | "gus" | "people" | "likes" | "comments" | "meetups";
            target: number;
            value: number;
            progressPercent: number;
            remaining: number;
            /** @enum {string} */
            state: "locked" | "in_progress" | "earned";
            earnedAt: string | null;
            /** @description 이 뱃지를 받게 한 산책 */
            walkIds: string[];
            /** @description 지금 또는 다음 시즌; 해마다 새로 받는 뱃지에만 있어요 */
            season: {
                /** @description 시즌이 시작한 해 */
                year: number;
                /**
                 * Format: date
                 * @example 2026-11-21
                 */
                from: string & (unknown & unknown);
                /**
                 * Format: date
                 * @example 2026-11-21
                 */
                until: string & (unknown & unknown);
                /** @description 마지막 날까지 남은 날; 아직 시작하지 않았으면 null */
                daysLeft: number | null;
            } | null;
            /** @description 해마다 받는 뱃지를 받은 해 */
            earnedYears: number[];
        };
        EarnedBadges: {
            /** @description 비공개 프로필; 다른 사람에게는 목록이 비어 있어요 */
            isPrivate: boolean;
            items: {
                code: string;
                name: string;
                /** @description 시즌 뱃지의 해 */
                year: number | null;
                /**
                 * Format: date
                 * @description 받은 날 (KST)
                 * @example 2026-11-21
                 */
                earnedOn: string & (unknown & unknown);
            }[];
        };
        Board: {
            /** @enum {string} */
            period: "week" | "month" | "all";
            /** @enum {string} */
            scope: "dong" | "gu" | "nation";
            /** @enum {string} */
            metric: "distance" | "walks" | "moving_time";
            /** @description Code of my home dong or gu, whose board it is; null for the nation */
            regionCode: string | null;
            /** Format: date */
            startsOn: string;
            endsOn: string | null;
            /** @description As of when the items are; `me` is live until the end */
            takenAt: string | null;
            isFinal: boolean;
            members: number | null;
            /** @description False for a dong with too few members: no items, no ranks */
            shown: boolean;
            me: components["schemas"]["MyRank"];
            items: components["schemas"]["BoardItem"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        MyRank: {
            rank: number | null;
            formerRank: number | null;
            /** @description Metres, walks or seconds, by the metric; of others in full 100 m and minutes */
            value: number;
            optedOut: boolean;
        };
        BoardItem: {
            rank: number;
            /** @description In the taking before this one */
            formerRank: number | null;
            /** @description Metres, walks or seconds, by the metric; of others in full 100 m and minutes */
            value: number;
            /** @description Null: the account was erased since */
            user: components["schemas"]["RankedUser"] | null;
            isMe: boolean;
        };
        RankedUser: {
            /** Format: uuid */
            id: string;
            nickname: string;
        };
        RankingWhy: {
            /** @enum {string} */
            period: "week" | "month" | "all";
            /** @enum {string} */
            metric: "distance" | "walks" | "moving_time";
            /** Format: date */
            startsOn: string;
            endsOn: string | null;
            /** @description Sum of all included walks of the period */
            total: number;
            items: components["schemas"]["RankedWalk"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        RankedWalk: {
            /** Format: uuid */
            walkId: string;
            /**
             * Format: date
             * @example 2026-11-21
             */
            walkDate: string & (unknown & unknown);
            /** Format: date-time */
            startedAt: string;
            /** @description Metres, walks or seconds, by the metric; of others in full 100 m and minutes */
            value: number;
            included: boolean;
            /** @description Why it is not included: the walk's own reasons, `private`, `completed_after_close` */
            reasons: string[];
        };
        HallOfFame: {
            /** @enum {string} */
            period: "month" | "quarter";
            /** @enum {string} */
            scope: "dong" | "gu" | "nation";
            /** @enum {string} */
            metric: "distance" | "walks" | "moving_time";
            /** @description Code of my home dong or gu, whose board it is; null for the nation */
            regionCode: string | null;
            items: components["schemas"]["HallOfFameEntry"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        HallOfFameEntry: {
            /** Format: date */
            startsOn: string;
            rank: number;
            /** @description Metres, walks or seconds, by the metric; of others in full 100 m and minutes */
            value: number;
            /** @description Null: the account was erased since */
            user: components["schemas"]["RankedUser"] | null;
        };
        Notification: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            type: "walk_reminder" | "badge_earned" | "ranking_change" | "social" | "companion" | "season_deadline" | "subscription";
            title: string;
            body: string;
            /** @description 무엇을 열지; 종류마다 다름 */
            data: {
                [key: string]: string;
            };
            /** Format: date-time */
            createdAt: string;
            readAt: string | null;
        };
        UnreadNotifications: {
            /** @description 읽지 않은 알림 수 (앱 아이콘의 숫자) */
            unreadCount: number;
        };
        PushTokenReceipt: {
            /** @enum {string} */
            platform: "ios" | "android";
            /** Format: date-time */
            registeredAt: string;
        };
        /** @description RFC 9457. `code` is stable: branch on it. */
        Problem: {
            /** @example urn:withbowwow:problem:validation-failed */
            type: string;
            title: string;
            status: number;
            detail?: string;
            /** @example validation-failed */
            code: string;
            requestId: string;
            errors?: {
                path: string;
                code: string;
                message: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    issueLoginNonce: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginNonce"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loginWithKakao: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KakaoLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loginWithNaver: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NaverLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loginWithApple: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppleLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkKakao: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KakaoLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkNaver: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NaverLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkApple: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppleLogin"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refreshTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionPage"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveKakaoEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": string | components["schemas"]["KakaoUnlink"];
                "application/secevent+jwt": string | components["schemas"]["KakaoUnlink"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description Security event received */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveNaverDisconnect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["NaverDisconnect"] | null;
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveAppleNotification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppleNotification"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    nickname?: string;
                    bio?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMySettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MySettings"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMySettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    profileVisibility?: "public" | "private";
                    /** @enum {string} */
                    defaultWalkVisibility?: "public" | "followers" | "private";
                    /** @enum {string} */
                    locale?: "ko" | "en";
                    /** @description 랭킹에 내 이름을 보인다 */
                    showInRankings?: boolean;
                    notifications?: {
                        walk_reminder?: boolean;
                        badge_earned?: boolean;
                        ranking_change?: boolean;
                        social?: boolean;
                        companion?: boolean;
                        season_deadline?: boolean;
                        subscription?: boolean;
                    };
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MySettings"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setMyRegion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description 행정동 코드 (10자리)
                     * @example 1168064000
                     */
                    code: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicProfile"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPrivacyZones: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PrivacyZone"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addPrivacyZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @description Latitude, degrees (WGS84) */
                    lat: number;
                    /** @description Longitude, degrees (WGS84) */
                    lng: number;
                    radiusM: number;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyZone"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removePrivacyZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConsents: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Consent"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addConsent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "terms" | "privacy" | "location" | "marketing";
                    /**
                     * @description 화면에 보여 준 약관의 버전
                     * @example 2026-11-01
                     */
                    version: string;
                    granted: boolean;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consent"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLocationUses: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LocationUse"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPets: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Pet"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addPet: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @enum {string} */
                    species?: "dog";
                    breed?: string | null;
                    /** @enum {string} */
                    sex?: "male" | "female" | "unknown";
                    neutered?: boolean | null;
                    birthDate?: (string & (unknown & unknown)) | null;
                    weightKg?: number | null;
                    temperament?: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removePet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updatePet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    /** @enum {string} */
                    species?: "dog";
                    breed?: string | null;
                    /** @enum {string} */
                    sex?: "male" | "female" | "unknown";
                    neutered?: boolean | null;
                    birthDate?: (string & (unknown & unknown)) | null;
                    weightKg?: number | null;
                    temperament?: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHealthRecords: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["HealthRecord"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addHealthRecord: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "weight" | "vaccination" | "vet_visit" | "medication";
                    /**
                     * Format: date
                     * @example 2026-11-21
                     */
                    date: string & (unknown & unknown);
                    title?: string | null;
                    note?: string | null;
                    /** @description kind가 weight일 때만, 그리고 그때는 반드시 */
                    weightKg?: number | null;
                    /** @description 다음 예정일; date보다 이르지 않아야 함 */
                    nextDue?: (string & (unknown & unknown)) | null;
                };
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthRecord"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeHealthRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                recordId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateHealthRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                recordId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind?: "weight" | "vaccination" | "vet_visit" | "medication";
                    /**
                     * Format: date
                     * @example 2026-11-21
                     */
                    date?: string & (unknown & unknown);
                    title?: string | null;
                    note?: string | null;
                    /** @description kind가 weight일 때만, 그리고 그때는 반드시 */
                    weightKg?: number | null;
                    /** @description 다음 예정일; date보다 이르지 않아야 함 */
                    nextDue?: (string & (unknown & unknown)) | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthRecord"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWalks: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WalkPage"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startWalk: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartWalk"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importWalk: {
        parameters: {
            query: {
                /** @description Comma-separated */
                petIds: string;
                visibility?: "public" | "followers" | "private";
                title?: string;
            };
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description GPX 1.0 or 1.1 with times */
        requestBody: {
            content: {
                "application/gpx+xml": string;
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addPoints: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PointChunk"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChunkReceipt"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    completeWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteWalk"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"] | components["schemas"]["WalkSeenByOthers"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description UUIDv7, made by the phone */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WholeWalk"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    editWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditWalk"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Route"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/gpx+xml": string;
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStatistics: {
        parameters: {
            query?: {
                period?: "week" | "month" | "year" | "all";
                /** @description Any day of the period; today by default */
                date?: string & (unknown & unknown);
                petId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStreak: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Streak"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBadges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BadgeList"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBadgesOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarnedBadges"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBoard: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                period?: "week" | "month" | "all";
                metric?: "distance" | "walks" | "moving_time";
                /** @description Any day of the period; today by default */
                date?: string & (unknown & unknown);
                scope?: "dong" | "gu" | "nation";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainMyRank: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                period?: "week" | "month" | "all";
                metric?: "distance" | "walks" | "moving_time";
                /** @description Any day of the period; today by default */
                date?: string & (unknown & unknown);
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RankingWhy"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHallOfFame: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                period?: "month" | "quarter";
                scope?: "dong" | "gu" | "nation";
                metric?: "distance" | "walks" | "moving_time";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HallOfFame"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNotifications: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Notification"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                        /** @description 읽지 않은 알림 수 (앱 아이콘의 숫자) */
                        unreadCount: number;
                    };
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readNotifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {boolean} */
                    read: true;
                    /**
                     * Format: date-time
                     * @description 이 시각까지 온 알림만; 화면에 보인 것보다 나중에 온 알림은 남는다
                     * @example 2026-11-21T08:30:00.000Z
                     */
                    until?: string & (unknown & unknown);
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnreadNotifications"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readNotification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {boolean} */
                    read: true;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    registerPushToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string & (unknown & unknown);
                    /** @enum {string} */
                    platform: "ios" | "android";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushTokenReceipt"];
                };
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetPushToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string & (unknown & unknown);
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 잘못된 요청 / client error */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description 서버 오류 / server error */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
