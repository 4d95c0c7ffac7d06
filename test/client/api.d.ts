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
        /** 카카오로 로그인 */
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
        /** 네이버로 로그인 */
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
        /** Apple로 로그인 */
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
        /** 내 계정에 카카오 로그인 연결 */
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
        /** 내 계정에 네이버 로그인 연결 */
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
        /** 내 계정에 Apple 로그인 연결 */
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
        /** 토큰 갱신 (갱신 토큰은 한 번만 쓸 수 있고, 10초 안의 재시도에는 같은 토큰을 돌려줌) */
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
        /** 기기 하나를 로그아웃 (이미 끝난 로그인이어도 204) */
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
         * @description 앱이 아니라 **카카오의 서버**가 부릅니다.
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
         * @description 앱이 아니라 **네이버의 서버**가 부릅니다.
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
         * @description 앱이 아니라 **Apple의 서버**가 부릅니다.
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
        /** 탈퇴를 신청한다: 바로 숨겨지고, 30일 뒤에 지워진다 */
        delete: operations["leave"];
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
        /** 다른 사용자의 프로필 */
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
        /** 프라이버시 존 추가 */
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
        /** 프라이버시 존 삭제 */
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
        /** 반려동물 등록 (두 마리까지, 프리미엄은 제한 없음) */
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
        /** 반려동물 정보 */
        get: operations["getPet"];
        put?: never;
        post?: never;
        /** 반려동물 삭제 (산책 기록은 남음) */
        delete: operations["removePet"];
        options?: never;
        head?: never;
        /** 반려동물 정보 수정 */
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
        /** 건강 기록 목록 (최신순) */
        get: operations["listHealthRecords"];
        put?: never;
        /** 건강 기록 추가 */
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
        /** 건강 기록 삭제 */
        delete: operations["removeHealthRecord"];
        options?: never;
        head?: never;
        /** 건강 기록 수정 */
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
        /** 산책을 시작한다 */
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
        /** GPX 파일을 산책으로 가져온다 */
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
        /** 위치를 보낸다 (한 번에 1,000개까지, 순서와 중복은 상관없음) */
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
        /** 산책을 마치고 판정을 받는다 */
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
        /** 산책 하나 (남의 산책은 공개된 만큼) */
        get: operations["getWalk"];
        /** 오프라인에서 기록한 산책 전체를 올린다 (두 번 보내도 하나) */
        put: operations["uploadWalk"];
        post?: never;
        /** 산책을 지운다 */
        delete: operations["deleteWalk"];
        options?: never;
        head?: never;
        /** 공개 범위, 제목, 메모를 바꾸거나 잘라낸다 */
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
        /** 산책 경로 (남에게는 사생활 구역과 양 끝을 가린 경로) */
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
        /** 내 산책을 GPX로 내려받는다 */
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
        /** 기간별 산책 통계 (최근 92일 안에 끝난 주와 달은 누구나, 그 전과 연간·전체는 프리미엄) */
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
        /** 사용자가 받은 뱃지 */
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
        /** 우리 동, 우리 구, 전국 랭킹과 내 순위 (이번과 지난 기간은 누구나, 그 전은 프리미엄) */
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
    "/rankings/me/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 마감된 랭킹에서의 내 순위와 기록 (최근 기간부터, 프리미엄) */
        get: operations["listMyPastRanks"];
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
        /** 명예의 전당 (최근 기간부터) */
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
        /** 알림 하나를 읽음으로 */
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
    "/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 산책 친구 추천 (잘 맞는 순)과 그 이유 */
        get: operations["listRecommendations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/follows/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 팔로우한다 (비공개 프로필에는 요청한다) */
        post: operations["follow"];
        /** 팔로우나 팔로우 요청을 거둔다 */
        delete: operations["unfollow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/followers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 팔로워 (최근부터) */
        get: operations["listFollowers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/followers/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 팔로워를 내보낸다 */
        delete: operations["removeFollower"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/following": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 팔로우하는 사람 (최근부터) */
        get: operations["listFollowing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/follow-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내가 받은 팔로우 요청 (최근부터) */
        get: operations["listFollowRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/follow-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 팔로우 요청을 받아들인다 */
        post: operations["approveFollowRequest"];
        /** 받은 요청을 거절하거나 보낸 요청을 거둔다 */
        delete: operations["removeFollowRequest"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내가 차단한 사람 (최근부터) */
        get: operations["listBlocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blocks/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 차단한다 (서로에게 없는 사람이 된다) */
        post: operations["block"];
        /** 차단을 푼다 (팔로우는 돌아오지 않는다) */
        delete: operations["unblock"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rooms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내가 들어갈 수 있는 함께 걷기 방 (최신순) */
        get: operations["listRooms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rooms/{id}/membership": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 함께 걷기 그만하기 (모든 기기에서) */
        delete: operations["leaveRoom"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 피드: 팔로우하는 사람의 산책과 우리 동네의 공개 산책 (내 산책은 빼고) */
        get: operations["getFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/likes/{walkId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 산책을 좋아하는 사람 (최근부터) */
        get: operations["listLikes"];
        put?: never;
        /** 산책에 좋아요를 누른다 (두 번 눌러도 하나) */
        post: operations["likeWalk"];
        /** 좋아요를 거둔다 */
        delete: operations["unlikeWalk"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 산책의 댓글 (최근부터) */
        get: operations["listComments"];
        put?: never;
        /** 댓글을 쓴다 */
        post: operations["addComment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/comments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 내 댓글이나 내 산책의 댓글을 지운다 */
        delete: operations["removeComment"];
        options?: never;
        head?: never;
        /** 내 댓글을 고친다 */
        patch: operations["editComment"];
        trace?: never;
    };
    "/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 받은 초대 또는 보낸 초대 (최신순) */
        get: operations["listInvitations"];
        put?: never;
        /** 함께 산책하자고 초대한다 */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}": {
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
        /** 초대에 답하거나, 보낸 초대를 거둔다 (수락하면 함께 산책하는 방이 생긴다) */
        patch: operations["answerInvitation"];
        trace?: never;
    };
    "/meetups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 다가오는 우리 구 모임, 또는 내 모임 (가까운 때부터) */
        get: operations["listMeetups"];
        put?: never;
        /** 모임을 연다 */
        post: operations["holdMeetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/meetups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 모임 하나 */
        get: operations["getMeetup"];
        put?: never;
        post?: never;
        /** 내가 연 모임을 취소한다 (참가자에게 알린다) */
        delete: operations["cancelMeetup"];
        options?: never;
        head?: never;
        /** 내가 연 모임을 바꾼다 (참가자에게 알린다) */
        patch: operations["updateMeetup"];
        trace?: never;
    };
    "/meetups/{id}/participation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 모임에 참가한다 */
        post: operations["joinMeetup"];
        /** 모임에서 빠진다 */
        delete: operations["leaveMeetup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/meetups/{id}/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 참가자 (주최자부터, 참가한 순서) */
        get: operations["listMeetupParticipants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 신고한다 (누가 신고했는지는 아무에게도 보이지 않는다) */
        post: operations["report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 신고 목록 (오래된 것부터) */
        get: operations["listReports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/reports/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 신고를 처리한다 (같은 대상의 열린 신고가 모두 처리된다) */
        post: operations["actOnReport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 사용자를 찾는다 (가입한 순서) */
        get: operations["listAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 사용자 한 명: 상태, 신고, 구독, 지난 조치 (본 것도 운영 기록에 남는다) */
        get: operations["viewAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 사용자를 정지하거나 정지를 푼다 */
        post: operations["suspendUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 운영 기록 (최신순) */
        get: operations["listAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 예정된 작업: 언제 실행했고 실행할지, 기다리거나 실패한 수 */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{name}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 예정된 작업을 지금 큐에 넣는다 */
        post: operations["runJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 요금제와 결제 동의문 */
        get: operations["listPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 구독과 프리미엄 */
        get: operations["getMySubscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 결제와 환불 (최신순) */
        get: operations["listPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/webhook/apple": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * App Store가 보내는 서버 알림 (V2)
         * @description 앱이 아니라 **App Store의 서버**가 부릅니다.
         */
        post: operations["receiveAppStoreNotification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/apple/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** App Store에서 산 구독을 내 계정에 연결한다 (여러 번 보내도 하나) */
        post: operations["reportAppleTransaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/webhook/google": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Google Play가 Pub/Sub으로 보내는 알림
         * @description 앱이 아니라 **Google Play의 서버**가 부릅니다.
         */
        post: operations["receiveGoogleEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/google/purchases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 앱이 Google Play 구매를 알린다 (다시 보내도 같다) */
        post: operations["reportGooglePurchase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 스토어가 보낸 알림과 처리 상태 (최신순, 내용은 보이지 않는다) */
        get: operations["listWebhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 스토어의 알림을 다시 처리한다 */
        post: operations["replayWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/billing-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 카드를 등록해 구독을 시작하거나, 구독의 카드를 바꾼다 */
        post: operations["registerCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 구독을 해지한다: 이미 결제한 기간이 끝날 때까지는 쓸 수 있다 */
        post: operations["cancelSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 해지를 취소한다 (이용 기간이 끝나기 전) */
        post: operations["resumeSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 다음 결제부터 다른 요금제로 바꾼다 */
        post: operations["changePlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subscriptions/price-consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 오르는 가격에 동의한다 (그 결제 전 30일 안에) */
        post: operations["consentToPrice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 갱신되지 않는 이용권을 주문한다 (이어서 Toss 결제 창을 연다) */
        post: operations["openPaymentOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Toss 결제 창에서 인증한 결제를 승인한다 (다시 보내도 한 번만 결제된다) */
        post: operations["confirmPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Toss로 결제한 기간을 환불한다: 7일 안에는 전액(한 번만), 그 뒤에는 남은 날수만큼 */
        post: operations["refundPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/webhook/toss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Toss가 보내는 웹훅
         * @description 앱이 아니라 **Toss Payments의 서버**가 부릅니다.
         */
        post: operations["receiveTossEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/weather": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 한 곳의 날씨와 미세먼지 (부분마다 얼마나 지났는지) */
        get: operations["getWeather"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/weather/walk-score": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 산책 적합도와 그 이유, 앞으로 24시간 가운데 가장 좋은 시간 */
        get: operations["getWalkScore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 이름으로 동네 찾기 (최대 20개) */
        get: operations["searchRegions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/regions/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 위치의 행정동 */
        get: operations["resolveRegion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/nearby": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 가까운 동물병원, 공원, 카페 등 (가까운 순) */
        get: operations["listNearbyPlaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 이름으로 장소 찾기 (카카오) */
        get: operations["searchPlaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 산책의 사진 (산책을 볼 수 있는 사람에게, 올린 순서대로) */
        get: operations["listWalkPhotos"];
        put?: never;
        /** 내 산책에 사진을 올린다 (10장까지) */
        post: operations["addWalkPhoto"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/photos/{photoId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 내 산책의 사진을 지운다 */
        delete: operations["deleteWalkPhoto"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pets/{id}/photo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 반려동물의 사진을 지운다 */
        delete: operations["deletePetPhoto"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 사진 파일 (사진의 url320, url1080) */
        get: operations["getFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/upload/walk-photo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 내 산책에 사진을 올린다 (walks/{id}/photos와 같음) */
        post: operations["uploadWalkPhoto"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/upload/pet-profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 반려동물의 사진을 올린다 (전의 사진은 지워짐) */
        post: operations["uploadPetProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/upload/presign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 사진을 저장소로 바로 보낼 주소를 받는다 (10분 동안 유효) */
        post: operations["presignUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/upload/direct/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** 사진 파일을 보낸다 (저장소가 따로 없을 때 presign이 주는 주소) */
        put: operations["receiveUpload"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/upload/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 보낸 파일을 사진으로 만든다 (두 번 불러도 같은 사진) */
        post: operations["completeUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/share-card": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 산책의 공유 카드 (1080×1350; 남이 봐도 되는 만큼만 그린다) */
        get: operations["getShareCard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 이 산책의 공유 링크 (최근부터) */
        get: operations["listShares"];
        put?: never;
        /** 로그인 없이 볼 수 있는 링크를 만든다 (산책 하나에 5개까지) */
        post: operations["makeShare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/walks/{id}/shares/{shareId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** 공유 링크를 거둔다 (바로 열리지 않는다) */
        delete: operations["revokeShare"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/s/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 공유 페이지 */
        get: operations["openShare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/s/{token}/card.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 공유 페이지의 카드 */
        get: operations["openSharedCard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 탈퇴를 취소하고 계정을 복구한다 (신청하지 않았어도 204) */
        post: operations["restoreAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/me/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 내 모든 데이터를 내려받는다 (ZIP: JSON Lines, GPX, 사진 링크) */
        get: operations["exportAccount"];
        put?: never;
        post?: never;
        delete?: never;
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
            /** @enum {string} */
            storage: "ok" | "down";
        };
        LoginNonce: {
            nonce: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /**
         * @description `nonce`: only when it was sent to the authorization page (OIDC)
         * @example {
         *       "accessToken": "sim-kakao-bori",
         *       "deviceName": "지민의 iPhone"
         *     }
         */
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
            /** @description 탈퇴를 신청했다면 계정이 지워지는 때: 그 전에는 복구할 수 있다 */
            deletionScheduledAt: string | null;
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
            /** @description 아직 동의하지 않았거나, 약관이 바뀌어 다시 물어야 하는 것 */
            consentsNeeded: ("terms" | "privacy" | "location")[];
            /** @description 탈퇴를 신청했다면 계정이 지워지는 때: 그 전에는 복구할 수 있다 */
            deletionScheduledAt: string | null;
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
            isFollowing: boolean;
            /** @description 팔로우를 요청하고 기다리는 중 */
            isRequested: boolean;
            followsMe: boolean;
            followers?: number;
            following?: number;
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
            /**
             * @description walk_share: 누구나 볼 수 있는 링크를 만들었다
             * @enum {string}
             */
            purpose: "walk_recording" | "walk_route_view" | "walk_together" | "walk_share";
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
            photo: {
                /** @description 긴 변 320픽셀 WebP; 몇 시간 동안만 쓸 수 있다 */
                url320: string;
                /** @description 긴 변 1080픽셀 WebP; 몇 시간 동안만 쓸 수 있다 */
                url1080: string;
            } | null;
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
            /** @description At the start; null while it is not known */
            weather: components["schemas"]["WalkWeather"] | null;
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
        WalkWeather: {
            /**
             * Format: date-time
             * @description The full hour in which the walk started
             */
            observedAt: string;
            temperatureC: number | null;
            humidityPct: number | null;
            windMps: number | null;
            precipitation: ("none" | "rain" | "rain_snow" | "snow" | "shower" | "drizzle" | "drizzle_snow" | "snow_flurry") | null;
            /** @description µg/m³ */
            pm10: number | null;
            /** @description µg/m³ */
            pm25: number | null;
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
             * @example 2026-11-21T09:00:00.000Z
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
                 * @example 2026-11-21T09:00:00.000Z
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
            /** @description 비공개 프로필; 팔로워가 아니면 목록이 비어 있어요 */
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
            /** @description What the region is called; null for the nation, and while it is not known */
            regionName: string | null;
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
            /** @description Null: a private profile, or an account that was erased since */
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
        RankingHistory: {
            /** @enum {string} */
            period: "week" | "month";
            /** @enum {string} */
            scope: "dong" | "gu" | "nation";
            /** @enum {string} */
            metric: "distance" | "walks" | "moving_time";
            items: components["schemas"]["PastRank"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        PastRank: {
            /** Format: date */
            startsOn: string;
            /** Format: date */
            endsOn: string;
            /** @description Where I lived then; null for the nation */
            regionCode: string | null;
            /** @description Null where the board shows no ranks */
            rank: number | null;
            /** @description Metres, walks or seconds, by the metric; of others in full 100 m and minutes */
            value: number;
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
            /** @description What the region is called; null for the nation, and while it is not known */
            regionName: string | null;
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
            /** @description Null: a private profile, or an account that was erased since */
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
            /** @description 읽지 않은 알림 수 (앱 아이콘의 숫자, 999까지) */
            unreadCount: number;
        };
        PushTokenReceipt: {
            /** @enum {string} */
            platform: "ios" | "android";
            /** Format: date-time */
            registeredAt: string;
        };
        Recommendation: {
            person: components["schemas"]["Person"];
            /** @description 얼마나 잘 맞는지, 퍼센트 */
            score: number;
            /** @description 추천 이유: 같은 동, 같은 구, 비슷한 산책 시간대, 같은 견종, 비슷한 크기의 개, 비슷한 산책량 */
            reasons: ("same_dong" | "same_gu" | "same_hours" | "same_breed" | "same_size" | "similar_activity")[];
            pets: {
                /** Format: uuid */
                id: string;
                name: string;
                breed: string | null;
            }[];
        };
        Person: {
            /** Format: uuid */
            id: string;
            nickname: string;
        };
        FollowState: {
            /**
             * @description 비공개 프로필은 수락을 기다린다
             * @enum {string}
             */
            state: "following" | "requested";
        };
        FollowedPerson: {
            /** Format: uuid */
            id: string;
            nickname: string;
            /** @description 내가 팔로우하는지 */
            isFollowing: boolean;
        };
        FollowRequest: {
            /** Format: uuid */
            id: string;
            person: components["schemas"]["Person"];
            /** Format: date-time */
            createdAt: string;
        };
        BlockedPerson: {
            /** Format: uuid */
            id: string;
            nickname: string;
            /** Format: date-time */
            blockedAt: string;
        };
        RoomPage: {
            items: components["schemas"]["Room"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        Room: {
            /** Format: uuid */
            id: string;
            invitationId: string | null;
            meetupId: string | null;
            /** Format: date-time */
            opensAt: string;
            /** Format: date-time */
            closesAt: string;
            /** @description 내 위치를 나누는 중인지 */
            isSharing: boolean;
            /** @description 나를 뺀 구성원 */
            members: {
                /** Format: uuid */
                id: string;
                nickname: string;
                isSharing: boolean;
            }[];
        };
        FeedItem: {
            /**
             * Format: uuid
             * @description Of the walk
             */
            id: string;
            person: components["schemas"]["Person"];
            isFollowing: boolean;
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
            pets: components["schemas"]["FeedPet"][];
            /** @description 내게 보이는 사람들의 좋아요 */
            likes: number;
            /** @description 내게 보이는 댓글 */
            comments: number;
            iLike: boolean;
        };
        FeedPet: {
            /** Format: uuid */
            id: string;
            name: string;
            breed: string | null;
        };
        Likes: {
            /** @description 내게 보이는 사람들의 좋아요 */
            likes: number;
            iLike: boolean;
            items: components["schemas"]["Like"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        Like: {
            person: components["schemas"]["Person"];
            isFollowing: boolean;
            /** Format: date-time */
            likedAt: string;
        };
        LikeState: {
            /** Format: uuid */
            walkId: string;
            /** @description 내게 보이는 사람들의 좋아요 */
            likes: number;
            iLike: boolean;
        };
        Comments: {
            /** @description 내게 보이는 댓글 */
            comments: number;
            items: components["schemas"]["Comment"][];
            /** @description Pass it on as `cursor`; null on the last page */
            nextCursor: string | null;
        };
        Comment: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            walkId: string;
            person: components["schemas"]["Person"];
            body: string;
            /** Format: date-time */
            createdAt: string;
            editedAt: string | null;
            isMine: boolean;
            /** @description 운영자가 숨겨 나에게만 보인다 */
            isHidden: boolean;
        };
        Invitation: {
            /** Format: uuid */
            id: string;
            inviter: components["schemas"]["Person"];
            invitee: components["schemas"]["Person"];
            /** @enum {string} */
            state: "pending" | "accepted" | "declined" | "expired" | "cancelled";
            message: string | null;
            proposedAt: string | null;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** @description 답하거나, 거두거나, 시간이 지난 때 */
            settledAt: string | null;
            /** @description 수락한 뒤 함께 산책하는 방; 닫혔으면 null */
            roomId: string | null;
        };
        InvitationIn: {
            /** Format: uuid */
            userId: string;
            message?: string;
            /**
             * Format: date-time
             * @description 산책할 때 (7일 안); 없으면 지금. 그때까지(없으면 2시간 안에) 답할 수 있다
             * @example 2026-11-21T08:30:00.000Z
             */
            proposedAt?: string & (unknown & unknown);
        };
        InvitationAnswer: {
            /**
             * @description 받은 사람은 accept와 decline, 보낸 사람은 cancel
             * @enum {string}
             */
            action: "accept" | "decline" | "cancel";
        };
        Meetup: {
            /** Format: uuid */
            id: string;
            title: string;
            description: string | null;
            placeName: string;
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            /** Format: date-time */
            startsAt: string;
            /** @description 주최자를 포함한 자리; 다 찼으면 내게 보이는 자리만 */
            capacity: number;
            maxWeightKg: number | null;
            /** @description 이 성격만 있는 반려동물이 올 수 있다; 비면 누구나 */
            temperaments: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
            host: components["schemas"]["Person"];
            /**
             * @description full은 자리가 다 찬 모임, closed는 이미 시작한 모임
             * @enum {string}
             */
            state: "open" | "full" | "closed" | "cancelled";
            /** @description 내게 보이는 참가자 수 (주최자 포함) */
            participants: number;
            /** @description 내가 참가하는지 (주최자도 참가자) */
            isJoined: boolean;
            /** @description 참가자가 서로의 위치를 보는 방; 참가자가 아니면 null */
            roomId: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        MeetupIn: {
            title: string;
            description?: string | null;
            /** @description 누구나 아는 만나는 곳 */
            placeName: string;
            /** @description Latitude, degrees (WGS84) */
            lat: number;
            /** @description Longitude, degrees (WGS84) */
            lng: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            startsAt: string & (unknown & unknown);
            /** @description 주최자를 포함한 자리 */
            capacity: number;
            maxWeightKg?: number | null;
            /** @description 이 성격만 있는 반려동물이 올 수 있다; 비면 누구나 */
            temperaments?: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
            /**
             * Format: uuid
             * @description 함께 가는 내 반려동물; 참가 조건이 있으면 꼭 있어야 한다
             */
            petId?: string;
        };
        MeetupPatch: {
            title?: string;
            description?: string | null;
            /** @description 누구나 아는 만나는 곳 */
            placeName?: string;
            /** @description Latitude, degrees (WGS84) */
            lat?: number;
            /** @description Longitude, degrees (WGS84) */
            lng?: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC
             * @example 2026-11-21T08:30:00.000Z
             */
            startsAt?: string & (unknown & unknown);
            /** @description 주최자를 포함한 자리 */
            capacity?: number;
            maxWeightKg?: number | null;
            /** @description 이 성격만 있는 반려동물이 올 수 있다; 비면 누구나 */
            temperaments?: ("gentle" | "friendly" | "playful" | "energetic" | "calm" | "shy" | "timid" | "curious" | "independent" | "affectionate" | "protective" | "vocal" | "dog_reactive" | "people_shy")[];
        };
        ParticipationIn: {
            /**
             * Format: uuid
             * @description 함께 가는 내 반려동물; 참가 조건이 있으면 꼭 있어야 한다
             */
            petId?: string;
        };
        MeetupParticipant: {
            person: components["schemas"]["Person"];
            isHost: boolean;
            /** @description 함께 오는 반려동물; 비공개 프로필이면 null */
            pet: {
                name: string;
                breed: string | null;
            } | null;
            /** Format: date-time */
            joinedAt: string;
        };
        Report: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            targetKind: "user" | "walk" | "comment" | "meetup" | "photo";
            /** Format: uuid */
            targetId: string;
            /** @enum {string} */
            reason: "spam" | "harassment" | "inappropriate" | "animal_abuse" | "privacy" | "fake_location" | "other";
            note: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        ModeratedReport: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            targetKind: "user" | "walk" | "comment" | "meetup" | "photo";
            /** Format: uuid */
            targetId: string;
            /** @enum {string} */
            reason: "spam" | "harassment" | "inappropriate" | "animal_abuse" | "privacy" | "fake_location" | "other";
            note: string | null;
            /** Format: date-time */
            createdAt: string;
            /** @enum {string} */
            state: "open" | "dismissed" | "actioned";
            settledAt: string | null;
            /** @description 이 대상을 신고한 사람의 수; 누구인지는 아무에게도 보이지 않는다 */
            reporters: number;
            /** @description 신고된 것의 주인; 탈퇴가 끝났으면 null */
            owner: {
                /** Format: uuid */
                id: string;
                nickname: string;
                /** @enum {string} */
                role: "user" | "moderator" | "admin";
                isSuspended: boolean;
                isLeaving: boolean;
            } | null;
            /** @description 신고한 때의 내용 */
            snapshot: components["schemas"]["ReportedContent"];
            present: components["schemas"]["PresentContent"];
        };
        ReportedContent: {
            nickname: string;
            bio?: string | null;
            /**
             * Format: uuid
             * @description 댓글이나 사진이 달린 산책
             */
            walkId?: string;
            /** @enum {string} */
            photoKind?: "pet_profile" | "walk_photo";
            title?: string | null;
            body?: string;
            description?: string | null;
            /**
             * Format: date
             * @example 2026-11-21
             */
            walkDate?: string & (unknown & unknown);
            distanceM?: number;
            movingS?: number;
            petNames?: string[];
            placeName?: string;
            /** Format: date-time */
            startsAt?: string;
            capacity?: number;
        };
        PresentContent: {
            /** @description 지금의 내용; 지워졌으면 null */
            content: components["schemas"]["ReportedContent"] | null;
            isEdited: boolean;
            isDeleted: boolean;
            isHidden: boolean;
            /** @description 신고된 사진; 운영자에게 몇 시간 동안 열린다 */
            photoUrl: string | null;
        };
        Account: {
            /** Format: uuid */
            id: string;
            nickname: string;
            /** @enum {string} */
            role: "user" | "moderator" | "admin";
            /** Format: date-time */
            createdAt: string;
            suspendedAt: string | null;
            isLeaving: boolean;
            openReports: number;
        };
        AccountView: {
            /** Format: uuid */
            id: string;
            nickname: string;
            /** @enum {string} */
            role: "user" | "moderator" | "admin";
            /** Format: date-time */
            createdAt: string;
            suspendedAt: string | null;
            isLeaving: boolean;
            openReports: number;
            /** @description 연결된 로그인 */
            providers: ("kakao" | "naver" | "apple")[];
            /** @description 마지막 로그인이나 토큰 갱신 */
            lastSeenAt: string | null;
            premiumUntil: string | null;
            subscriptions: {
                /** @enum {string} */
                store: "apple" | "google" | "toss";
                plan: ("monthly" | "yearly") | null;
                /** @enum {string} */
                state: "trial" | "active" | "cancelled" | "grace" | "on_hold" | "paused" | "refunded" | "expired";
                renews: boolean;
                accessUntil: string | null;
            }[];
            /** @description 이 사람이나 그의 것에 대한 신고의 수 */
            reports: {
                open: number;
                actioned: number;
                dismissed: number;
            };
            /** @description 이 계정에 한 조치 (최신순, 20개까지) */
            history: components["schemas"]["AuditEntry"][];
        };
        AuditEntry: {
            /** Format: uuid */
            id: string;
            /** @description 운영자; null이면 서버의 명령줄 */
            actorId: string | null;
            actorNickname: string | null;
            /** @enum {string} */
            action: "dismiss" | "hide" | "unhide" | "warn" | "suspend" | "unsuspend" | "grant_role" | "replay_webhook" | "view_account" | "run_job";
            /** @enum {string} */
            targetKind: "user" | "walk" | "comment" | "meetup" | "photo" | "store_event" | "job";
            /**
             * Format: uuid
             * @description 작업이면 큐에 넣은 작업의 id
             */
            targetId: string;
            reportId: string | null;
            reason: string;
            /** Format: date-time */
            at: string;
        };
        ScheduledJob: {
            name: string;
            /** @description 분 시 일 월 요일, 한국 시각 */
            cron: string;
            /** @description 마지막으로 큐에 넣은 때의 예정 시각 */
            lastSlotAt: string | null;
            /** Format: date-time */
            nextSlotAt: string;
            /** @description 마지막으로 끝난 때 */
            lastDoneAt: string | null;
            /** @description 차례나 재시도를 기다리는 수 */
            waiting: number;
            running: number;
            /** @description 더 시도하지 않는 수 */
            failed: number;
        };
        JobRun: {
            name: string;
            /** Format: uuid */
            jobId: string;
            /**
             * Format: date-time
             * @description 이 실행이 맡은 예정 시각
             */
            slotAt: string;
            /** @description false면 이미 기다리거나 실행 중인 작업이다 */
            isNew: boolean;
        };
        Plans: {
            items: components["schemas"]["Plan"][];
        };
        Plan: {
            /** @enum {string} */
            plan: "monthly" | "yearly";
            /** @description KRW */
            priceKrw: number;
            months: number;
            /** @description 무료 체험; 처음인 사람에게만 */
            trialDays: number;
            unlocks: ("unlimited-pets" | "full-history-statistics" | "share-card-themes" | "streak-shields" | "ranking-history")[];
            productIds: {
                apple: string;
                google: {
                    productId: string;
                    basePlanId: string;
                };
            };
            /** @description 동의할 때 함께 보낸다 */
            consentTextVersion: string;
            /** @description 결제에 동의하기 전에 앱이 그대로 보여 준다 */
            consentText: {
                ko: string;
                en: string;
            };
        };
        MySubscriptions: {
            isPremium: boolean;
            premiumUntil: string | null;
            subscriptions: components["schemas"]["Subscription"][];
            warnings: ("several-subscriptions" | "card-needed" | "price-consent-needed")[];
            /** @description 무료 체험을 쓸 수 있다 (카드는 등록할 때 확인한다) */
            trialAvailable: boolean;
            /** @description Toss SDK에 넘긴다; clientKey가 null이면 이 서버에서는 쓸 수 없다 */
            checkout: {
                /** Format: uuid */
                customerKey: string;
                clientKey: string | null;
            };
            /**
             * Format: uuid
             * @description Apple의 appAccountToken, Google의 obfuscatedExternalAccountId
             */
            appAccountToken: string;
        };
        Subscription: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            store: "apple" | "google" | "toss";
            /** @enum {string} */
            environment: "production" | "sandbox";
            plan: ("monthly" | "yearly") | null;
            productId: string | null;
            /**
             * @description 지금의 상태
             * @enum {string}
             */
            state: "trial" | "active" | "cancelled" | "grace" | "on_hold" | "paused" | "refunded" | "expired";
            renews: boolean;
            accessUntil: string | null;
            /** @description Toss만 */
            nextCharge: {
                /** Format: date-time */
                at: string;
                /** @description KRW */
                amountKrw: number;
            } | null;
            cardLabel: string | null;
            /** @description 새 카드를 등록해야 이어진다 */
            needsCard: boolean;
            /** @description 알려 드린 가격 인상 */
            priceRaise: {
                /** @description KRW */
                priceKrw: number;
                /** Format: date-time */
                appliesFrom: string;
                consented: boolean;
            } | null;
            /** @description App Store와 Google Play의 구독은 거기서 관리한다 */
            manageUrl: string | null;
        };
        Payment: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "charge" | "refund" | "refund_reversed";
            /** @enum {string} */
            store: "apple" | "google" | "toss";
            /**
             * @description sandbox: 실제로 결제되지 않았다
             * @enum {string}
             */
            environment: "production" | "sandbox";
            plan: ("monthly" | "yearly") | null;
            /** @description 통화의 단위로; 환불은 음수 */
            amount: number;
            currency: string;
            /** Format: date-time */
            at: string;
            /** @description 주문 번호, 또는 스토어의 거래 번호 */
            orderId: string;
            receiptUrl: string | null;
            periodFrom: string | null;
            periodTo: string | null;
        };
        WebhookReceived: {
            /** @enum {boolean} */
            received: true;
        };
        ReportedPurchase: {
            /** Format: uuid */
            subscriptionId: string;
            /** @enum {string} */
            store: "apple" | "google" | "toss";
            /** @enum {string} */
            state: "trial" | "active" | "cancelled" | "grace" | "on_hold" | "paused" | "refunded" | "expired";
            /** @description 이때까지 프리미엄 */
            accessUntil: string | null;
            plan: ("monthly" | "yearly") | null;
        };
        /** @description Pub/Sub push 메시지 */
        GooglePush: unknown;
        GooglePurchaseIn: {
            purchaseToken: string;
            /**
             * @description 다른 계정에서 쓰던 구독을 이 계정으로 옮긴다 (30일에 한 번)
             * @default false
             */
            transfer: boolean;
        };
        StoreEvent: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            store: "apple" | "google" | "toss";
            /** @description 스토어가 부르는 이름 */
            kind: string;
            /** @enum {string} */
            environment: "production" | "sandbox";
            /** Format: date-time */
            receivedAt: string;
            processedAt: string | null;
            attempts: number;
            lastError: string | null;
        };
        BillingKeyIn: {
            /** @description 토스 카드 등록 창이 successUrl로 준 값 */
            authKey: string;
            customerKey: string;
            /**
             * @description 카드만 바꿀 때는 없어도 된다
             * @enum {string}
             */
            plan?: "monthly" | "yearly";
            consent?: components["schemas"]["ChargeConsentIn"];
            /**
             * @description 무료 체험을 안내했는지. 체험을 줄 수 없으면 바로 결제하지 않고 409 trial-used
             * @default true
             */
            expectsTrial: boolean;
        };
        ChargeConsentIn: {
            /** @description 사용자가 본 가격 (원) */
            priceKrw: number;
            /** @description 사용자가 본 동의 문구의 판 */
            textVersion: string;
        };
        BilledSubscription: {
            /** Format: uuid */
            subscriptionId: string;
            /** @enum {string} */
            store: "apple" | "google" | "toss";
            /** @enum {string} */
            state: "trial" | "active" | "cancelled" | "grace" | "on_hold" | "paused" | "refunded" | "expired";
            /** @description 이때까지 프리미엄 */
            accessUntil: string | null;
            /** @enum {string} */
            plan: "monthly" | "yearly";
            /** @description 다음 결제부터 바뀌는 요금제 */
            nextPlan: ("monthly" | "yearly") | null;
            /** @description 지금이 무료 체험 기간인지 */
            trial: boolean;
            /** @description 다음 결제(또는 다시 시도)하는 때; 없으면 null */
            nextChargeAt: string | null;
            nextChargeKrw: number | null;
        };
        PlanChange: {
            /** @enum {string} */
            plan: "monthly" | "yearly";
            consent: components["schemas"]["ChargeConsentIn"];
        };
        PaymentOrderIn: {
            /** @enum {string} */
            plan: "monthly" | "yearly";
            consent: components["schemas"]["ChargeConsentIn"];
        };
        /** @description Toss SDK의 결제 창에 넘긴다 */
        PaymentOrderOpened: {
            /** @description 주문 번호 */
            orderId: string;
            /** @description KRW */
            amountKrw: number;
            orderName: string;
            /** Format: uuid */
            customerKey: string;
            clientKey: string;
        };
        PaymentConfirmation: {
            paymentKey: string;
            /** @description 주문 번호 */
            orderId: string;
            /** @description Toss 결제 창이 successUrl로 준 금액 (원) */
            amount: number;
        };
        PaymentOrder: {
            /** @description 주문 번호 */
            orderId: string;
            /** @enum {string} */
            plan: "monthly" | "yearly";
            /** @enum {string} */
            state: "open" | "paid" | "declined" | "void";
            /** @description KRW */
            amountKrw: number;
            /** @description KRW */
            refundedKrw: number;
            paidAt: string | null;
            receiptUrl: string | null;
            /** @description 이 결제로 이용하는 기간의 시작 */
            periodFrom: string | null;
            /** @description 그 끝 (환불하면 바로 끝난다) */
            periodTo: string | null;
        };
        RefundIn: {
            /** @description 주문 번호 */
            orderId: string;
        };
        TossEvent: {
            [key: string]: unknown;
        };
        Weather: {
            now: {
                /** Format: date-time */
                observedAt: string;
                /** @description Seconds since then */
                ageS: number;
                /** @description A newer one should be there by now */
                isStale: boolean;
                temperatureC: number | null;
                /** @description Heat index or wind chill */
                feelsLikeC: number | null;
                humidityPct: number | null;
                windMps: number | null;
                windDirectionDeg: number | null;
                precipitation: ("none" | "rain" | "rain_snow" | "snow" | "shower" | "drizzle" | "drizzle_snow" | "snow_flurry") | null;
                /** @description In the last hour */
                rainMm: number | null;
            } | null;
            /** @description The next 6 hours (초단기예보) */
            soon: {
                /** Format: date-time */
                baseAt: string;
                /** @description Seconds since then */
                ageS: number;
                /** @description A newer one should be there by now */
                isStale: boolean;
                hours: components["schemas"]["ForecastHour"][];
            } | null;
            /** @description The next days (단기예보) */
            days: {
                /** Format: date-time */
                baseAt: string;
                /** @description Seconds since then */
                ageS: number;
                /** @description A newer one should be there by now */
                isStale: boolean;
                hours: components["schemas"]["ForecastHour"][];
                days: {
                    /**
                     * Format: date
                     * @example 2026-11-21
                     */
                    date: string & (unknown & unknown);
                    minC: number | null;
                    maxC: number | null;
                }[];
            } | null;
            air: {
                pm10: components["schemas"]["AirReading"] | null;
                pm25: components["schemas"]["AirReading"] | null;
            };
            /** @description Why a part is null */
            missing: {
                /** @enum {string} */
                part: "now" | "soon" | "days" | "pm10" | "pm25";
                /** @enum {string} */
                reason: "not-configured" | "pending" | "unavailable" | "quota" | "no-data" | "refused" | "no-station-near";
            }[];
            /** @description To be shown with the figures */
            sources: string[];
        };
        ForecastHour: {
            /** Format: date-time */
            at: string;
            temperatureC: number | null;
            humidityPct: number | null;
            windMps: number | null;
            precipitation: ("none" | "rain" | "rain_snow" | "snow" | "shower" | "drizzle" | "drizzle_snow" | "snow_flurry") | null;
            rainMm: number | null;
            sky: ("clear" | "mostly_cloudy" | "overcast") | null;
            /** @description Only in the village forecast */
            snowCm: number | null;
            /** @description Only in the village forecast */
            rainPct: number | null;
            /** @description Only in the ultra-short forecast */
            lightning: boolean | null;
        };
        AirReading: {
            /** @description µg/m³ */
            valueUgm3: number;
            /** @enum {string} */
            grade: "good" | "normal" | "bad" | "very_bad";
            station: string;
            distanceM: number;
            /** Format: date-time */
            observedAt: string;
            /** @description Seconds since then */
            ageS: number;
            /** @description A newer one should be there by now */
            isStale: boolean;
        };
        WalkScore: {
            score: number;
            /** @enum {string} */
            level: "good" | "fair" | "caution" | "bad";
            /** @enum {string} */
            label: "좋음" | "보통" | "주의" | "나쁨";
            /** @description The heaviest first */
            reasons: components["schemas"]["WalkScoreReason"][];
            feelsLikeC: number | null;
            /** @description Of asphalt in the open: an estimate */
            asphaltC: number | null;
            bestHour: components["schemas"]["BestHour"] | null;
            petId: string | null;
            /** @description Of the observation that it rests on */
            observedAt: string | null;
            sources: string[];
        };
        WalkScoreReason: {
            /** @enum {string} */
            code: "hot" | "cold" | "hot-asphalt" | "rain" | "snow" | "rain-likely" | "wind" | "air" | "lightning" | "unknown-temperature" | "unknown-humidity" | "unknown-precipitation" | "unknown-wind" | "unknown-air" | "unknown-lightning" | "stale-weather" | "fine" | "pet-brachycephalic" | "pet-puppy" | "pet-senior" | "pet-small" | "pet-large" | "unknown-pet-size" | "unknown-pet-age" | "unknown-pet-breed";
            /** @description Taken off 100 */
            points: number;
            text: string;
        };
        /** @description The best hour of the next 24; of equal ones the earlier */
        BestHour: {
            /** Format: date-time */
            at: string;
            score: number;
            /** @enum {string} */
            level: "good" | "fair" | "caution" | "bad";
            /** @enum {string} */
            label: "좋음" | "보통" | "주의" | "나쁨";
        };
        Region: {
            /**
             * @description 행정동 코드 (10자리)
             * @example 1144071000
             */
            code: string;
            /** @example 서울특별시 */
            sido: string;
            /**
             * @description 시군구; 세종은 비어 있다
             * @example 마포구
             */
            gu: string;
            /** @example 연남동 */
            dong: string;
            /** @example 서울특별시 마포구 연남동 */
            name: string;
        };
        Place: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "vet" | "park" | "cafe" | "lodging" | "shop" | "culture";
            name: string;
            address: string | null;
            phone: string | null;
            /** @description 반려동물 동반 안내 */
            petNote: string | null;
            /** @description 출처의 사진; 출처를 함께 표시한다 */
            imageUrl: string | null;
            lat: number;
            lng: number;
            distanceM: number;
            /** @description 함께 표시해야 하는 출처 */
            attribution: string;
        };
        FoundPlace: {
            /** @description 카카오의 장소 id */
            id: string;
            name: string;
            category: string | null;
            address: string | null;
            phone: string | null;
            lat: number;
            lng: number;
            distanceM: number | null;
            url: string | null;
        };
        Photo: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "pet_profile" | "walk_photo";
            walkId: string | null;
            petId: string | null;
            mine: boolean;
            /** @description 긴 변 320픽셀 WebP; 몇 시간 동안만 쓸 수 있다 */
            url320: string;
            /** @description 긴 변 1080픽셀 WebP; 몇 시간 동안만 쓸 수 있다 */
            url1080: string;
            widthPx: number;
            heightPx: number;
            /** @description 산책 중 찍은 때; 주인에게만 보인다 */
            takenAt: string | null;
            /** @description 산책 경로 위의 찍은 곳; 남에게는 공개된 경로 위에서만 보인다 */
            position: {
                /** @description Latitude, degrees (WGS84) */
                lat: number;
                /** @description Longitude, degrees (WGS84) */
                lng: number;
            } | null;
            /** @description 운영자가 가린 사진; 주인에게만 보인다 */
            isHidden: boolean;
        };
        PresignedUpload: {
            /** Format: uuid */
            uploadId: string;
            /** @enum {string} */
            method: "PUT";
            url: string;
            /** @description 이대로 보내야 하는 헤더 */
            headers: {
                [key: string]: string;
            };
            /** Format: date-time */
            expiresAt: string;
        };
        ShareMade: {
            /** Format: uuid */
            id: string;
            /** @description 전체 주소 (PUBLIC_URL, 없으면 요청받은 곳). 다시 볼 수 없어요; 잃어버리면 새로 만든다 */
            url: string;
            /** Format: date-time */
            expiresAt: string;
        };
        Share: {
            /** Format: uuid */
            id: string;
            theme: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            revokedAt: string | null;
        };
        Leaving: {
            /**
             * Format: date-time
             * @description 이때 지워진다: 그 전에 로그인해서 복구할 수 있다
             */
            deletionScheduledAt: string;
            /** @description 스토어에서 직접 해지해야 하는 구독: 우리가 해지할 수 없고 계속 결제된다 */
            storeSubscriptions: {
                /** @enum {string} */
                store: "apple" | "google";
                accessUntil: string | null;
                manageUrl: string;
            }[];
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
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "database": "ok",
                     *       "cache": "ok",
                     *       "storage": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "nonce": "보리",
                     *       "expiresAt": "2026-12-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LoginNonce"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "accessToken": "sim-kakao-bori",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
                     *       "accessTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "refreshToken": "rt_5m2Zk0yqXvVJq1nGmT8aZw",
                     *       "refreshTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "isNewUser": true,
                     *       "user": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "code": "1120065000",
                 *       "state": "example",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
                     *       "accessTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "refreshToken": "rt_5m2Zk0yqXvVJq1nGmT8aZw",
                     *       "refreshTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "isNewUser": true,
                     *       "user": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "identityToken": "dGhpcy1pcy1hLXRva2Vu",
                 *       "authorizationCode": "example",
                 *       "nonce": "example",
                 *       "redirectUri": "example",
                 *       "name": "보리",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
                     *       "accessTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "refreshToken": "rt_5m2Zk0yqXvVJq1nGmT8aZw",
                     *       "refreshTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "isNewUser": true,
                     *       "user": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LoginResult"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "accessToken": "sim-kakao-bori",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "provider": "kakao",
                     *       "linkedAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "code": "1120065000",
                 *       "state": "example",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "provider": "kakao",
                     *       "linkedAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "identityToken": "dGhpcy1pcy1hLXRva2Vu",
                 *       "authorizationCode": "example",
                 *       "nonce": "example",
                 *       "redirectUri": "example",
                 *       "name": "보리",
                 *       "deviceName": "지민의 iPhone"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "provider": "kakao",
                     *       "linkedAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LinkedIdentity"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "refreshToken": "rt_5m2Zk0yqXvVJq1nGmT8aZw"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl",
                     *       "accessTokenExpiresAt": "2026-12-21T08:30:00.000Z",
                     *       "refreshToken": "rt_5m2Zk0yqXvVJq1nGmT8aZw",
                     *       "refreshTokenExpiresAt": "2026-12-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "deviceName": "지민의 iPhone",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "lastUsedAt": "2026-11-21T08:30:00.000Z",
                     *           "current": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["SessionPage"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example https://api.example.com/files/eyJ2IjoxfQ */
                "application/x-www-form-urlencoded": string | components["schemas"]["KakaoUnlink"];
                /** @example eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrYWthbyJ9.c2lnbmF0dXJl */
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
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description Security event received */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "clientId": "보리",
                 *       "encryptUniqueId": "보리",
                 *       "timestamp": "보리",
                 *       "signature": "보리"
                 *     }
                 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "payload": "보리"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderEventReceived"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *       "role": "user",
                     *       "regionCode": "1120065000",
                     *       "profileVisibility": "public",
                     *       "providers": [
                     *         "kakao"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "consentsNeeded": [
                     *         "terms"
                     *       ],
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    leave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "confirm": true
                 *     }
                 */
                "application/json": {
                    /**
                     * @description 사용자가 탈퇴를 확인했다
                     * @enum {boolean}
                     */
                    confirm: true;
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
                    /**
                     * @example {
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z",
                     *       "storeSubscriptions": [
                     *         {
                     *           "store": "apple",
                     *           "accessUntil": "2026-12-21T08:30:00.000Z",
                     *           "manageUrl": "https://api.example.com/files/eyJ2IjoxfQ"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Leaving"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "nickname": "보리누나",
                 *       "bio": "시바견 보리와 매일 아침 서울숲을 걸어요."
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *       "role": "user",
                     *       "regionCode": "1120065000",
                     *       "profileVisibility": "public",
                     *       "providers": [
                     *         "kakao"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "consentsNeeded": [
                     *         "terms"
                     *       ],
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "profileVisibility": "public",
                     *       "defaultWalkVisibility": "public",
                     *       "locale": "ko",
                     *       "showInRankings": true,
                     *       "notifications": {
                     *         "walk_reminder": true,
                     *         "badge_earned": true,
                     *         "ranking_change": true,
                     *         "social": true,
                     *         "companion": true,
                     *         "season_deadline": true,
                     *         "subscription": true
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["MySettings"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "profileVisibility": "public",
                 *       "defaultWalkVisibility": "public",
                 *       "locale": "ko",
                 *       "showInRankings": true,
                 *       "notifications": {
                 *         "walk_reminder": true,
                 *         "badge_earned": true,
                 *         "ranking_change": true,
                 *         "social": true,
                 *         "companion": true,
                 *         "season_deadline": true,
                 *         "subscription": true
                 *       }
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "profileVisibility": "public",
                     *       "defaultWalkVisibility": "public",
                     *       "locale": "ko",
                     *       "showInRankings": true,
                     *       "notifications": {
                     *         "walk_reminder": true,
                     *         "badge_earned": true,
                     *         "ranking_change": true,
                     *         "social": true,
                     *         "companion": true,
                     *         "season_deadline": true,
                     *         "subscription": true
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["MySettings"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "code": "1168064000"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *       "role": "user",
                     *       "regionCode": "1120065000",
                     *       "profileVisibility": "public",
                     *       "providers": [
                     *         "kakao"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "consentsNeeded": [
                     *         "terms"
                     *       ],
                     *       "deletionScheduledAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "isPrivate": true,
                     *       "isFollowing": true,
                     *       "isRequested": true,
                     *       "followsMe": true,
                     *       "followers": 3,
                     *       "following": 3,
                     *       "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *       "regionCode": "1120065000",
                     *       "createdAt": "2026-11-21"
                     *     }
                     */
                    "application/json": components["schemas"]["PublicProfile"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "lat": 37.5443,
                     *           "lng": 127.0557,
                     *           "radiusM": 200,
                     *           "createdAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["PrivacyZone"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "name": "보리",
                 *       "lat": 37.5443,
                 *       "lng": 127.0557,
                 *       "radiusM": 200
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "name": "보리",
                     *       "lat": 37.5443,
                     *       "lng": 127.0557,
                     *       "radiusM": 200,
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PrivacyZone"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "kind": "terms",
                     *           "version": "2026-11-01",
                     *           "granted": true,
                     *           "at": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Consent"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "kind": "terms",
                 *       "version": "2026-11-01",
                 *       "granted": true
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "terms",
                     *       "version": "2026-11-01",
                     *       "granted": true,
                     *       "at": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Consent"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "purpose": "walk_recording",
                     *           "providedTo": "0193a1b2-c3d4-7e5f-8a6b-00001e7b0705",
                     *           "at": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["LocationUse"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "species": "dog",
                     *           "breed": "시바견",
                     *           "sex": "male",
                     *           "neutered": true,
                     *           "birthDate": "2022-04-05",
                     *           "weightKg": 8.5,
                     *           "temperament": [
                     *             "gentle"
                     *           ],
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "photo": {
                     *             "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *             "url1080": "https://api.example.com/files/eyJ2IjoxfQ"
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Pet"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "name": "보리",
                 *       "species": "dog",
                 *       "breed": "시바견",
                 *       "sex": "male",
                 *       "neutered": true,
                 *       "birthDate": "2022-04-05",
                 *       "weightKg": 8.5,
                 *       "temperament": [
                 *         "gentle"
                 *       ]
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "name": "보리",
                     *       "species": "dog",
                     *       "breed": "시바견",
                     *       "sex": "male",
                     *       "neutered": true,
                     *       "birthDate": "2022-04-05",
                     *       "weightKg": 8.5,
                     *       "temperament": [
                     *         "gentle"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "photo": {
                     *         "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *         "url1080": "https://api.example.com/files/eyJ2IjoxfQ"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "name": "보리",
                     *       "species": "dog",
                     *       "breed": "시바견",
                     *       "sex": "male",
                     *       "neutered": true,
                     *       "birthDate": "2022-04-05",
                     *       "weightKg": 8.5,
                     *       "temperament": [
                     *         "gentle"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "photo": {
                     *         "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *         "url1080": "https://api.example.com/files/eyJ2IjoxfQ"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "보리",
                 *       "species": "dog",
                 *       "breed": "시바견",
                 *       "sex": "male",
                 *       "neutered": true,
                 *       "birthDate": "2022-04-05",
                 *       "weightKg": 8.5,
                 *       "temperament": [
                 *         "gentle"
                 *       ]
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "name": "보리",
                     *       "species": "dog",
                     *       "breed": "시바견",
                     *       "sex": "male",
                     *       "neutered": true,
                     *       "birthDate": "2022-04-05",
                     *       "weightKg": 8.5,
                     *       "temperament": [
                     *         "gentle"
                     *       ],
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "photo": {
                     *         "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *         "url1080": "https://api.example.com/files/eyJ2IjoxfQ"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Pet"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "kind": "weight",
                     *           "date": "2026-11-21",
                     *           "title": "서울숲 아침 산책",
                     *           "note": "벤치 앞에서 초코를 만났다.",
                     *           "weightKg": 8.5,
                     *           "nextDue": "2026-11-21",
                     *           "createdAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["HealthRecord"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "weight",
                 *       "date": "2026-11-21",
                 *       "title": "서울숲 아침 산책",
                 *       "note": "벤치 앞에서 초코를 만났다.",
                 *       "weightKg": 8.5,
                 *       "nextDue": "2026-11-21"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "weight",
                     *       "date": "2026-11-21",
                     *       "title": "서울숲 아침 산책",
                     *       "note": "벤치 앞에서 초코를 만났다.",
                     *       "weightKg": 8.5,
                     *       "nextDue": "2026-11-21",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["HealthRecord"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
                /** @example 0193a1b2-c3d4-7e5f-8a6b-0000de3bae53 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
                /** @example 0193a1b2-c3d4-7e5f-8a6b-0000de3bae53 */
                recordId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "weight",
                 *       "date": "2026-11-21",
                 *       "title": "서울숲 아침 산책",
                 *       "note": "벤치 앞에서 초코를 만났다.",
                 *       "weightKg": 8.5,
                 *       "nextDue": "2026-11-21"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "weight",
                     *       "date": "2026-11-21",
                     *       "title": "서울숲 아침 산책",
                     *       "note": "벤치 앞에서 초코를 만났다.",
                     *       "weightKg": 8.5,
                     *       "nextDue": "2026-11-21",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["HealthRecord"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "state": "recording",
                     *           "source": "live",
                     *           "visibility": "public",
                     *           "title": "서울숲 아침 산책",
                     *           "walkDate": "2026-11-21",
                     *           "startedAt": "2026-11-21T08:30:00.000Z",
                     *           "endedAt": "2026-11-21T08:30:00.000Z",
                     *           "distanceM": 2340,
                     *           "movingS": 1860,
                     *           "elapsedS": 3,
                     *           "counts": true,
                     *           "reasons": [
                     *             "no_points"
                     *           ],
                     *           "preview": [
                     *             "보리"
                     *           ],
                     *           "petIds": [
                     *             "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3"
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["WalkPage"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "petIds": [
                 *         "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3"
                 *       ],
                 *       "startedAt": "2026-11-21T08:30:00.000Z",
                 *       "visibility": "public",
                 *       "title": "서울숲 아침 산책"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @description Comma-separated
                 * @example 보리
                 */
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
                /** @example <?xml version="1.0"?><gpx version="1.1"><trk><trkseg><trkpt lat="37.5443" lon="127.0557"><time>2026-11-21T08:30:00Z</time></trkpt></trkseg></trk></gpx> */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "points": [
                 *         {
                 *           "seq": 3,
                 *           "t": "2026-11-21T08:30:00.000Z",
                 *           "lat": 37.5443,
                 *           "lng": 127.0557,
                 *           "accuracyM": 6,
                 *           "altitudeM": 3,
                 *           "speedMps": 1.3,
                 *           "mock": true
                 *         }
                 *       ],
                 *       "pauses": [
                 *         {
                 *           "from": "2026-11-21T08:30:00.000Z",
                 *           "to": "2026-11-21T09:00:00.000Z"
                 *         }
                 *       ]
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "state": "recording",
                     *       "storedPoints": 3
                     *     }
                     */
                    "application/json": components["schemas"]["ChunkReceipt"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "pointCount": 3
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"] | components["schemas"]["WalkSeenByOthers"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @description UUIDv7, made by the phone
                 * @example 0193a1b2-c3d4-7e5f-8a6b-000000002762
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "petIds": [
                 *         "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3"
                 *       ],
                 *       "startedAt": "2026-11-21T08:30:00.000Z",
                 *       "visibility": "public",
                 *       "title": "서울숲 아침 산책",
                 *       "points": [
                 *         {
                 *           "seq": 3,
                 *           "t": "2026-11-21T08:30:00.000Z",
                 *           "lat": 37.5443,
                 *           "lng": 127.0557,
                 *           "accuracyM": 6,
                 *           "altitudeM": 3,
                 *           "speedMps": 1.3,
                 *           "mock": true
                 *         }
                 *       ],
                 *       "pauses": [
                 *         {
                 *           "from": "2026-11-21T08:30:00.000Z",
                 *           "to": "2026-11-21T09:00:00.000Z"
                 *         }
                 *       ]
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "visibility": "public",
                 *       "title": "서울숲 아침 산책",
                 *       "memo": "벤치 앞에서 초코를 만났다.",
                 *       "crop": {
                 *         "from": "2026-11-21T08:30:00.000Z",
                 *         "to": "2026-11-21T09:00:00.000Z"
                 *       }
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "mine": true,
                     *       "state": "recording",
                     *       "source": "live",
                     *       "visibility": "public",
                     *       "title": "서울숲 아침 산책",
                     *       "memo": "벤치 앞에서 초코를 만났다.",
                     *       "walkDate": "2026-11-21",
                     *       "startedAt": "2026-11-21T08:30:00.000Z",
                     *       "endedAt": "2026-11-21T08:30:00.000Z",
                     *       "completedAt": "2026-11-21T09:00:00.000Z",
                     *       "awaitingPoints": true,
                     *       "storedPoints": 3,
                     *       "revision": 3,
                     *       "crop": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "distanceM": 2340,
                     *       "estimatedM": 3,
                     *       "elapsedS": 3,
                     *       "movingS": 1860,
                     *       "avgSpeedMps": 3,
                     *       "topSpeedMps": 3,
                     *       "counts": true,
                     *       "reasons": [
                     *         "no_points"
                     *       ],
                     *       "leftOut": [
                     *         {
                     *           "reason": "pause",
                     *           "from": "2026-11-21T08:30:00.000Z",
                     *           "to": "2026-11-21T09:00:00.000Z",
                     *           "distanceM": 2340
                     *         }
                     *       ],
                     *       "droppedPoints": {},
                     *       "trimProposal": {
                     *         "from": "2026-11-21T08:30:00.000Z",
                     *         "to": "2026-11-21T09:00:00.000Z"
                     *       },
                     *       "duplicateOfId": "0193a1b2-c3d4-7e5f-8a6b-0000e282c456",
                     *       "startRegionCode": "보리",
                     *       "weather": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "temperatureC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "precipitation": "none",
                     *         "pm10": 3,
                     *         "pm25": 3
                     *       },
                     *       "preview": [
                     *         "보리"
                     *       ],
                     *       "pets": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "name": "보리",
                     *           "caloriesKcal": 86
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Walk"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "geometry": {
                     *         "type": "MultiLineString",
                     *         "coordinates": [
                     *           [
                     *             [
                     *               3
                     *             ]
                     *           ]
                     *         ]
                     *       },
                     *       "offsetsS": [
                     *         [
                     *           3
                     *         ]
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Route"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /** @example <?xml version="1.0"?><gpx version="1.1"><trk><trkseg><trkpt lat="37.5443" lon="127.0557"><time>2026-11-21T08:30:00Z</time></trkpt></trkseg></trk></gpx> */
                    "application/gpx+xml": string;
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "period": "week",
                     *       "from": "2026-11-21",
                     *       "to": "2026-11-21",
                     *       "totals": {
                     *         "walks": 3,
                     *         "distanceM": 2340,
                     *         "movingS": 1860
                     *       },
                     *       "buckets": [
                     *         {
                     *           "date": "2026-11-21",
                     *           "walks": 3,
                     *           "distanceM": 2340,
                     *           "movingS": 1860
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "days": 3,
                     *       "since": "2026-11-21",
                     *       "walkedToday": true,
                     *       "bestDays": 3,
                     *       "bestFrom": "2026-11-21",
                     *       "bestTo": "2026-11-21",
                     *       "shieldedDates": [
                     *         "2026-11-21"
                     *       ],
                     *       "shieldsLeft": 3
                     *     }
                     */
                    "application/json": components["schemas"]["Streak"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "code": "1120065000",
                     *           "category": "distance",
                     *           "name": "보리",
                     *           "description": "천천히 한 바퀴 돌아요.",
                     *           "unit": "m",
                     *           "target": 3,
                     *           "value": 3,
                     *           "progressPercent": 3,
                     *           "remaining": 3,
                     *           "state": "locked",
                     *           "earnedAt": "2026-11-21T08:30:00.000Z",
                     *           "walkIds": [
                     *             "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b"
                     *           ],
                     *           "season": {
                     *             "year": 3,
                     *             "from": "2026-11-21",
                     *             "until": "2026-11-21",
                     *             "daysLeft": 3
                     *           },
                     *           "earnedYears": [
                     *             3
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BadgeList"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "isPrivate": true,
                     *       "items": [
                     *         {
                     *           "code": "1120065000",
                     *           "name": "보리",
                     *           "year": 3,
                     *           "earnedOn": "2026-11-21"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EarnedBadges"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "period": "week",
                     *       "scope": "dong",
                     *       "metric": "distance",
                     *       "regionCode": "1120065000",
                     *       "regionName": "서울특별시 성동구 성수1가1동",
                     *       "startsOn": "2026-11-21",
                     *       "endsOn": "2026-11-21",
                     *       "takenAt": "2026-11-21T08:30:00.000Z",
                     *       "isFinal": true,
                     *       "members": 3,
                     *       "shown": true,
                     *       "me": {
                     *         "rank": 3,
                     *         "formerRank": 3,
                     *         "value": 3,
                     *         "optedOut": true
                     *       },
                     *       "items": [
                     *         {
                     *           "rank": 3,
                     *           "formerRank": 3,
                     *           "value": 3,
                     *           "user": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "isMe": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["Board"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "period": "week",
                     *       "metric": "distance",
                     *       "startsOn": "2026-11-21",
                     *       "endsOn": "2026-11-21",
                     *       "total": 3,
                     *       "items": [
                     *         {
                     *           "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *           "walkDate": "2026-11-21",
                     *           "startedAt": "2026-11-21T08:30:00.000Z",
                     *           "value": 3,
                     *           "included": true,
                     *           "reasons": [
                     *             "이용 원칙 3조"
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["RankingWhy"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listMyPastRanks: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                period?: "week" | "month";
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
                    /**
                     * @example {
                     *       "period": "week",
                     *       "scope": "dong",
                     *       "metric": "distance",
                     *       "items": [
                     *         {
                     *           "startsOn": "2026-11-21",
                     *           "endsOn": "2026-11-21",
                     *           "regionCode": "1120065000",
                     *           "rank": 3,
                     *           "value": 3
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["RankingHistory"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "period": "month",
                     *       "scope": "dong",
                     *       "metric": "distance",
                     *       "regionCode": "1120065000",
                     *       "regionName": "서울특별시 성동구 성수1가1동",
                     *       "items": [
                     *         {
                     *           "startsOn": "2026-11-21",
                     *           "rank": 3,
                     *           "value": 3,
                     *           "user": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["HallOfFame"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "type": "walk_reminder",
                     *           "title": "서울숲 아침 산책",
                     *           "body": "보리 오늘도 신났네요!",
                     *           "data": {},
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "readAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ",
                     *       "unreadCount": 3
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Notification"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                        /** @description 읽지 않은 알림 수 (앱 아이콘의 숫자, 999까지) */
                        unreadCount: number;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "read": true,
                 *       "until": "2026-11-21T08:30:00.000Z"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "unreadCount": 3
                     *     }
                     */
                    "application/json": components["schemas"]["UnreadNotifications"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "read": true
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "type": "walk_reminder",
                     *       "title": "서울숲 아침 산책",
                     *       "body": "보리 오늘도 신났네요!",
                     *       "data": {},
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "readAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /**
                 * @example {
                 *       "token": "fJ3kQ:APA91bHq",
                 *       "platform": "ios"
                 *     }
                 */
                "application/json": {
                    /** @example fJ3kQ:APA91bHq */
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
                    /**
                     * @example {
                     *       "platform": "ios",
                     *       "registeredAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PushTokenReceipt"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
                /** @example fJ3kQ:APA91bHq */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listRecommendations: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "score": 3,
                     *           "reasons": [
                     *             "same_dong"
                     *           ],
                     *           "pets": [
                     *             {
                     *               "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *               "name": "보리",
                     *               "breed": "시바견"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Recommendation"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    follow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-00004076cd0d */
                userId: string;
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
                    /**
                     * @example {
                     *       "state": "following"
                     *     }
                     */
                    "application/json": components["schemas"]["FollowState"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    unfollow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-00004076cd0d */
                userId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listFollowers: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                /** @description 다른 사용자의 목록; 없으면 내 것 */
                userId?: string;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "nickname": "보리누나",
                     *           "isFollowing": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FollowedPerson"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    removeFollower: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-00004076cd0d */
                userId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listFollowing: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                /** @description 다른 사용자의 목록; 없으면 내 것 */
                userId?: string;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "nickname": "보리누나",
                     *           "isFollowing": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FollowedPerson"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listFollowRequests: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "createdAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FollowRequest"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    approveFollowRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    removeFollowRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listBlocks: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "nickname": "보리누나",
                     *           "blockedAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["BlockedPerson"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-00004076cd0d */
                userId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    unblock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-00004076cd0d */
                userId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listRooms: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "invitationId": "0193a1b2-c3d4-7e5f-8a6b-0000fad52c1b",
                     *           "meetupId": "0193a1b2-c3d4-7e5f-8a6b-0000da877ee4",
                     *           "opensAt": "2026-11-21T08:30:00.000Z",
                     *           "closesAt": "2026-11-21T09:00:00.000Z",
                     *           "isSharing": true,
                     *           "members": [
                     *             {
                     *               "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *               "nickname": "보리누나",
                     *               "isSharing": true
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["RoomPage"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    leaveRoom: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getFeed: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "isFollowing": true,
                     *           "title": "서울숲 아침 산책",
                     *           "walkDate": "2026-11-21",
                     *           "startedAt": "2026-11-21T08:30:00.000Z",
                     *           "distanceM": 2340,
                     *           "movingS": 1860,
                     *           "preview": [
                     *             "보리"
                     *           ],
                     *           "pets": [
                     *             {
                     *               "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *               "name": "보리",
                     *               "breed": "시바견"
                     *             }
                     *           ],
                     *           "likes": 3,
                     *           "comments": 3,
                     *           "iLike": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FeedItem"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listLikes: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b */
                walkId: string;
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
                    /**
                     * @example {
                     *       "likes": 3,
                     *       "iLike": true,
                     *       "items": [
                     *         {
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "isFollowing": true,
                     *           "likedAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["Likes"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    likeWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b */
                walkId: string;
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
                    /**
                     * @example {
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "likes": 3,
                     *       "iLike": true
                     *     }
                     */
                    "application/json": components["schemas"]["LikeState"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    unlikeWalk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b */
                walkId: string;
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
                    /**
                     * @example {
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "likes": 3,
                     *       "iLike": true
                     *     }
                     */
                    "application/json": components["schemas"]["LikeState"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listComments: {
        parameters: {
            query: {
                cursor?: string;
                limit?: number;
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b */
                walkId: string;
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
                    /**
                     * @example {
                     *       "comments": 3,
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "body": "보리 오늘도 신났네요!",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "editedAt": "2026-11-21T08:30:00.000Z",
                     *           "isMine": true,
                     *           "isHidden": true
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": components["schemas"]["Comments"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    addComment: {
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
                /**
                 * @example {
                 *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                 *       "body": "보리 오늘도 신났네요!"
                 *     }
                 */
                "application/json": {
                    /** Format: uuid */
                    walkId: string;
                    body: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "person": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "body": "보리 오늘도 신났네요!",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "editedAt": "2026-11-21T08:30:00.000Z",
                     *       "isMine": true,
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    removeComment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    editComment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "body": "보리 오늘도 신났네요!"
                 *     }
                 */
                "application/json": {
                    body?: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "person": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "body": "보리 오늘도 신났네요!",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "editedAt": "2026-11-21T08:30:00.000Z",
                     *       "isMine": true,
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listInvitations: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                box?: "received" | "sent";
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "inviter": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "invitee": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "state": "pending",
                     *           "message": "보리 오늘도 신났네요!",
                     *           "proposedAt": "2026-11-21T08:30:00.000Z",
                     *           "expiresAt": "2026-12-21T08:30:00.000Z",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "settledAt": "2026-11-21T08:30:00.000Z",
                     *           "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Invitation"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    invite: {
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
                /**
                 * @example {
                 *       "userId": "0193a1b2-c3d4-7e5f-8a6b-00004076cd0d",
                 *       "message": "보리 오늘도 신났네요!",
                 *       "proposedAt": "2026-11-21T08:30:00.000Z"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationIn"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "inviter": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "invitee": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "pending",
                     *       "message": "보리 오늘도 신났네요!",
                     *       "proposedAt": "2026-11-21T08:30:00.000Z",
                     *       "expiresAt": "2026-12-21T08:30:00.000Z",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "settledAt": "2026-11-21T08:30:00.000Z",
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    answerInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "accept"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationAnswer"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "inviter": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "invitee": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "pending",
                     *       "message": "보리 오늘도 신났네요!",
                     *       "proposedAt": "2026-11-21T08:30:00.000Z",
                     *       "expiresAt": "2026-12-21T08:30:00.000Z",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "settledAt": "2026-11-21T08:30:00.000Z",
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listMeetups: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                /** @description 내가 열거나 참가한 모임 (시작한 지 4시간까지) */
                mine?: "true" | "false";
                /** @description 시군구 코드; 없으면 내 동네의 시군구, 동네가 없으면 전국 */
                gu?: string;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "title": "서울숲 아침 산책",
                     *           "description": "천천히 한 바퀴 돌아요.",
                     *           "placeName": "서울숲 2번 출구",
                     *           "lat": 37.5443,
                     *           "lng": 127.0557,
                     *           "startsAt": "2026-11-21T08:30:00.000Z",
                     *           "capacity": 6,
                     *           "maxWeightKg": 3,
                     *           "temperaments": [
                     *             "gentle"
                     *           ],
                     *           "host": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "state": "open",
                     *           "participants": 3,
                     *           "isJoined": true,
                     *           "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d",
                     *           "createdAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Meetup"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    holdMeetup: {
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
                /**
                 * @example {
                 *       "title": "서울숲 아침 산책",
                 *       "description": "천천히 한 바퀴 돌아요.",
                 *       "placeName": "서울숲 2번 출구",
                 *       "lat": 37.5443,
                 *       "lng": 127.0557,
                 *       "startsAt": "2026-11-21T08:30:00.000Z",
                 *       "capacity": 6,
                 *       "maxWeightKg": 3,
                 *       "temperaments": [
                 *         "gentle"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["MeetupIn"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "title": "서울숲 아침 산책",
                     *       "description": "천천히 한 바퀴 돌아요.",
                     *       "placeName": "서울숲 2번 출구",
                     *       "lat": 37.5443,
                     *       "lng": 127.0557,
                     *       "startsAt": "2026-11-21T08:30:00.000Z",
                     *       "capacity": 6,
                     *       "maxWeightKg": 3,
                     *       "temperaments": [
                     *         "gentle"
                     *       ],
                     *       "host": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "open",
                     *       "participants": 3,
                     *       "isJoined": true,
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Meetup"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getMeetup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "title": "서울숲 아침 산책",
                     *       "description": "천천히 한 바퀴 돌아요.",
                     *       "placeName": "서울숲 2번 출구",
                     *       "lat": 37.5443,
                     *       "lng": 127.0557,
                     *       "startsAt": "2026-11-21T08:30:00.000Z",
                     *       "capacity": 6,
                     *       "maxWeightKg": 3,
                     *       "temperaments": [
                     *         "gentle"
                     *       ],
                     *       "host": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "open",
                     *       "participants": 3,
                     *       "isJoined": true,
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Meetup"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    cancelMeetup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    updateMeetup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "서울숲 아침 산책",
                 *       "description": "천천히 한 바퀴 돌아요.",
                 *       "placeName": "서울숲 2번 출구",
                 *       "lat": 37.5443,
                 *       "lng": 127.0557,
                 *       "startsAt": "2026-11-21T08:30:00.000Z",
                 *       "capacity": 6,
                 *       "maxWeightKg": 3,
                 *       "temperaments": [
                 *         "gentle"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["MeetupPatch"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "title": "서울숲 아침 산책",
                     *       "description": "천천히 한 바퀴 돌아요.",
                     *       "placeName": "서울숲 2번 출구",
                     *       "lat": 37.5443,
                     *       "lng": 127.0557,
                     *       "startsAt": "2026-11-21T08:30:00.000Z",
                     *       "capacity": 6,
                     *       "maxWeightKg": 3,
                     *       "temperaments": [
                     *         "gentle"
                     *       ],
                     *       "host": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "open",
                     *       "participants": 3,
                     *       "isJoined": true,
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Meetup"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    joinMeetup: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["ParticipationIn"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "title": "서울숲 아침 산책",
                     *       "description": "천천히 한 바퀴 돌아요.",
                     *       "placeName": "서울숲 2번 출구",
                     *       "lat": 37.5443,
                     *       "lng": 127.0557,
                     *       "startsAt": "2026-11-21T08:30:00.000Z",
                     *       "capacity": 6,
                     *       "maxWeightKg": 3,
                     *       "temperaments": [
                     *         "gentle"
                     *       ],
                     *       "host": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나"
                     *       },
                     *       "state": "open",
                     *       "participants": 3,
                     *       "isJoined": true,
                     *       "roomId": "0193a1b2-c3d4-7e5f-8a6b-00003b245e1d",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Meetup"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    leaveMeetup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listMeetupParticipants: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "person": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나"
                     *           },
                     *           "isHost": true,
                     *           "pet": {
                     *             "name": "보리",
                     *             "breed": "시바견"
                     *           },
                     *           "joinedAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["MeetupParticipant"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    report: {
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
                /**
                 * @example {
                 *       "targetKind": "user",
                 *       "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                 *       "reason": "spam",
                 *       "note": "벤치 앞에서 초코를 만났다."
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    targetKind: "user" | "walk" | "comment" | "meetup" | "photo";
                    /** Format: uuid */
                    targetId: string;
                    /** @enum {string} */
                    reason: "spam" | "harassment" | "inappropriate" | "animal_abuse" | "privacy" | "fake_location" | "other";
                    /** @description 운영자가 읽는다 */
                    note?: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "targetKind": "user",
                     *       "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                     *       "reason": "spam",
                     *       "note": "벤치 앞에서 초코를 만났다.",
                     *       "createdAt": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listReports: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                state?: "open" | "dismissed" | "actioned";
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "targetKind": "user",
                     *           "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                     *           "reason": "spam",
                     *           "note": "벤치 앞에서 초코를 만났다.",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "state": "open",
                     *           "settledAt": "2026-11-21T08:30:00.000Z",
                     *           "reporters": 3,
                     *           "owner": {
                     *             "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *             "nickname": "보리누나",
                     *             "role": "user",
                     *             "isSuspended": true,
                     *             "isLeaving": true
                     *           },
                     *           "snapshot": {
                     *             "nickname": "보리누나",
                     *             "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *             "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *             "photoKind": "pet_profile",
                     *             "title": "서울숲 아침 산책",
                     *             "body": "보리 오늘도 신났네요!",
                     *             "description": "천천히 한 바퀴 돌아요.",
                     *             "walkDate": "2026-11-21",
                     *             "distanceM": 2340,
                     *             "movingS": 1860,
                     *             "petNames": [
                     *               "보리"
                     *             ],
                     *             "placeName": "서울숲 2번 출구",
                     *             "startsAt": "2026-11-21T08:30:00.000Z",
                     *             "capacity": 6
                     *           },
                     *           "present": {
                     *             "content": {
                     *               "nickname": "보리누나",
                     *               "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *               "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *               "photoKind": "pet_profile",
                     *               "title": "서울숲 아침 산책",
                     *               "body": "보리 오늘도 신났네요!",
                     *               "description": "천천히 한 바퀴 돌아요.",
                     *               "walkDate": "2026-11-21",
                     *               "distanceM": 2340,
                     *               "movingS": 1860,
                     *               "petNames": [
                     *                 "보리"
                     *               ],
                     *               "placeName": "서울숲 2번 출구",
                     *               "startsAt": "2026-11-21T08:30:00.000Z",
                     *               "capacity": 6
                     *             },
                     *             "isEdited": true,
                     *             "isDeleted": true,
                     *             "isHidden": true,
                     *             "photoUrl": "https://api.example.com/files/eyJ2IjoxfQ"
                     *           }
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["ModeratedReport"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    actOnReport: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "dismiss",
                 *       "reason": "이용 원칙 3조"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    action: "dismiss" | "hide" | "unhide" | "warn" | "suspend";
                    reason: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "targetKind": "user",
                     *       "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                     *       "reason": "spam",
                     *       "note": "벤치 앞에서 초코를 만났다.",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "state": "open",
                     *       "settledAt": "2026-11-21T08:30:00.000Z",
                     *       "reporters": 3,
                     *       "owner": {
                     *         "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *         "nickname": "보리누나",
                     *         "role": "user",
                     *         "isSuspended": true,
                     *         "isLeaving": true
                     *       },
                     *       "snapshot": {
                     *         "nickname": "보리누나",
                     *         "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *         "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *         "photoKind": "pet_profile",
                     *         "title": "서울숲 아침 산책",
                     *         "body": "보리 오늘도 신났네요!",
                     *         "description": "천천히 한 바퀴 돌아요.",
                     *         "walkDate": "2026-11-21",
                     *         "distanceM": 2340,
                     *         "movingS": 1860,
                     *         "petNames": [
                     *           "보리"
                     *         ],
                     *         "placeName": "서울숲 2번 출구",
                     *         "startsAt": "2026-11-21T08:30:00.000Z",
                     *         "capacity": 6
                     *       },
                     *       "present": {
                     *         "content": {
                     *           "nickname": "보리누나",
                     *           "bio": "시바견 보리와 매일 아침 서울숲을 걸어요.",
                     *           "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *           "photoKind": "pet_profile",
                     *           "title": "서울숲 아침 산책",
                     *           "body": "보리 오늘도 신났네요!",
                     *           "description": "천천히 한 바퀴 돌아요.",
                     *           "walkDate": "2026-11-21",
                     *           "distanceM": 2340,
                     *           "movingS": 1860,
                     *           "petNames": [
                     *             "보리"
                     *           ],
                     *           "placeName": "서울숲 2번 출구",
                     *           "startsAt": "2026-11-21T08:30:00.000Z",
                     *           "capacity": 6
                     *         },
                     *         "isEdited": true,
                     *         "isDeleted": true,
                     *         "isHidden": true,
                     *         "photoUrl": "https://api.example.com/files/eyJ2IjoxfQ"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ModeratedReport"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listAccounts: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                /** @description 닉네임의 앞부분, 또는 id */
                q?: string;
                /** @description 정지된 사용자만 */
                suspended?: "true" | "false";
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "nickname": "보리누나",
                     *           "role": "user",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "suspendedAt": "2026-11-21T08:30:00.000Z",
                     *           "isLeaving": true,
                     *           "openReports": 3
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Account"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    viewAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "role": "user",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "suspendedAt": "2026-11-21T08:30:00.000Z",
                     *       "isLeaving": true,
                     *       "openReports": 3,
                     *       "providers": [
                     *         "kakao"
                     *       ],
                     *       "lastSeenAt": "2026-11-21T08:30:00.000Z",
                     *       "premiumUntil": "2026-12-21T08:30:00.000Z",
                     *       "subscriptions": [
                     *         {
                     *           "store": "apple",
                     *           "plan": "monthly",
                     *           "state": "trial",
                     *           "renews": true,
                     *           "accessUntil": "2026-12-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "reports": {
                     *         "open": 3,
                     *         "actioned": 3,
                     *         "dismissed": 3
                     *       },
                     *       "history": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "actorId": "0193a1b2-c3d4-7e5f-8a6b-000091eb4409",
                     *           "actorNickname": "보리누나",
                     *           "action": "dismiss",
                     *           "targetKind": "user",
                     *           "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                     *           "reportId": "0193a1b2-c3d4-7e5f-8a6b-0000f46aea76",
                     *           "reason": "이용 원칙 3조",
                     *           "at": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    suspendUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "suspended": true,
                 *       "reason": "이용 원칙 3조"
                 *     }
                 */
                "application/json": {
                    suspended: boolean;
                    reason: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "nickname": "보리누나",
                     *       "role": "user",
                     *       "createdAt": "2026-11-21T08:30:00.000Z",
                     *       "suspendedAt": "2026-11-21T08:30:00.000Z",
                     *       "isLeaving": true,
                     *       "openReports": 3
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listAuditLog: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "actorId": "0193a1b2-c3d4-7e5f-8a6b-000091eb4409",
                     *           "actorNickname": "보리누나",
                     *           "action": "dismiss",
                     *           "targetKind": "user",
                     *           "targetId": "0193a1b2-c3d4-7e5f-8a6b-0000f3876393",
                     *           "reportId": "0193a1b2-c3d4-7e5f-8a6b-0000f46aea76",
                     *           "reason": "이용 원칙 3조",
                     *           "at": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listJobs: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "보리",
                     *           "cron": "*\/10 * * * *",
                     *           "lastSlotAt": "2026-11-21T08:30:00.000Z",
                     *           "nextSlotAt": "2026-11-21T08:30:00.000Z",
                     *           "lastDoneAt": "2026-11-21T08:30:00.000Z",
                     *           "waiting": 3,
                     *           "running": 3,
                     *           "failed": 3
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["ScheduledJob"][];
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    runJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /**
                 * @description GET /admin/jobs의 name
                 * @example example
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "보리",
                     *       "jobId": "0193a1b2-c3d4-7e5f-8a6b-000011fb9611",
                     *       "slotAt": "2026-11-21T08:30:00.000Z",
                     *       "isNew": true
                     *     }
                     */
                    "application/json": components["schemas"]["JobRun"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listPlans: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "plan": "monthly",
                     *           "priceKrw": 4900,
                     *           "months": 3,
                     *           "trialDays": 3,
                     *           "unlocks": [
                     *             "unlimited-pets"
                     *           ],
                     *           "productIds": {
                     *             "apple": "보리",
                     *             "google": {
                     *               "productId": "보리",
                     *               "basePlanId": "보리"
                     *             }
                     *           },
                     *           "consentTextVersion": "보리",
                     *           "consentText": {
                     *             "ko": "보리",
                     *             "en": "보리"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Plans"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getMySubscriptions: {
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
                    /**
                     * @example {
                     *       "isPremium": true,
                     *       "premiumUntil": "2026-12-21T08:30:00.000Z",
                     *       "subscriptions": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "store": "apple",
                     *           "environment": "production",
                     *           "plan": "monthly",
                     *           "productId": "보리",
                     *           "state": "trial",
                     *           "renews": true,
                     *           "accessUntil": "2026-12-21T08:30:00.000Z",
                     *           "nextCharge": {
                     *             "at": "2026-11-21T08:30:00.000Z",
                     *             "amountKrw": 4900
                     *           },
                     *           "cardLabel": "보리",
                     *           "needsCard": true,
                     *           "priceRaise": {
                     *             "priceKrw": 4900,
                     *             "appliesFrom": "2026-11-21T08:30:00.000Z",
                     *             "consented": true
                     *           },
                     *           "manageUrl": "https://api.example.com/files/eyJ2IjoxfQ"
                     *         }
                     *       ],
                     *       "warnings": [
                     *         "several-subscriptions"
                     *       ],
                     *       "trialAvailable": true,
                     *       "checkout": {
                     *         "customerKey": "0193a1b2-c3d4-7e5f-8a6b-0000cc3bb73a",
                     *         "clientKey": "보리"
                     *       },
                     *       "appAccountToken": "0193a1b2-c3d4-7e5f-8a6b-0000abb749a6"
                     *     }
                     */
                    "application/json": components["schemas"]["MySubscriptions"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listPayments: {
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "kind": "charge",
                     *           "store": "apple",
                     *           "environment": "production",
                     *           "plan": "monthly",
                     *           "amount": 4900,
                     *           "currency": "보리",
                     *           "at": "2026-11-21T08:30:00.000Z",
                     *           "orderId": "보리",
                     *           "receiptUrl": "https://api.example.com/files/eyJ2IjoxfQ",
                     *           "periodFrom": "2026-11-21T08:30:00.000Z",
                     *           "periodTo": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Payment"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    receiveAppStoreNotification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "signedPayload": "example"
                 *     }
                 */
                "application/json": {
                    signedPayload: string;
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
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReceived"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    reportAppleTransaction: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "signedTransaction": "example",
                 *       "transfer": true
                 *     }
                 */
                "application/json": {
                    /** @description StoreKit 2의 `Transaction.jwsRepresentation` */
                    signedTransaction: string;
                    /**
                     * @description 다른 계정에서 쓰던 구독을 이 계정으로 옮긴다 (30일에 한 번)
                     * @default false
                     */
                    transfer?: boolean;
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
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly"
                     *     }
                     */
                    "application/json": components["schemas"]["ReportedPurchase"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    receiveGoogleEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["GooglePush"];
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    reportGooglePurchase: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "purchaseToken": "dGhpcy1pcy1hLXRva2Vu",
                 *       "transfer": true
                 *     }
                 */
                "application/json": components["schemas"]["GooglePurchaseIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly"
                     *     }
                     */
                    "application/json": components["schemas"]["ReportedPurchase"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listWebhooks: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                state?: "waiting" | "failing" | "processed" | "any";
                store?: "apple" | "google" | "toss";
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "store": "apple",
                     *           "kind": "보리",
                     *           "environment": "production",
                     *           "receivedAt": "2026-11-21T08:30:00.000Z",
                     *           "processedAt": "2026-11-21T08:30:00.000Z",
                     *           "attempts": 3,
                     *           "lastError": "보리"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["StoreEvent"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    replayWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "store": "apple",
                     *       "kind": "보리",
                     *       "environment": "production",
                     *       "receivedAt": "2026-11-21T08:30:00.000Z",
                     *       "processedAt": "2026-11-21T08:30:00.000Z",
                     *       "attempts": 3,
                     *       "lastError": "보리"
                     *     }
                     */
                    "application/json": components["schemas"]["StoreEvent"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    registerCard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authKey": "example",
                 *       "customerKey": "example",
                 *       "plan": "monthly",
                 *       "consent": {
                 *         "priceKrw": 4900,
                 *         "textVersion": "example"
                 *       },
                 *       "expectsTrial": true
                 *     }
                 */
                "application/json": components["schemas"]["BillingKeyIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly",
                     *       "nextPlan": "monthly",
                     *       "trial": true,
                     *       "nextChargeAt": "2026-11-21T08:30:00.000Z",
                     *       "nextChargeKrw": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BilledSubscription"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    cancelSubscription: {
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
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly",
                     *       "nextPlan": "monthly",
                     *       "trial": true,
                     *       "nextChargeAt": "2026-11-21T08:30:00.000Z",
                     *       "nextChargeKrw": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BilledSubscription"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    resumeSubscription: {
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
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly",
                     *       "nextPlan": "monthly",
                     *       "trial": true,
                     *       "nextChargeAt": "2026-11-21T08:30:00.000Z",
                     *       "nextChargeKrw": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BilledSubscription"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    changePlan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "plan": "monthly",
                 *       "consent": {
                 *         "priceKrw": 4900,
                 *         "textVersion": "example"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PlanChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly",
                     *       "nextPlan": "monthly",
                     *       "trial": true,
                     *       "nextChargeAt": "2026-11-21T08:30:00.000Z",
                     *       "nextChargeKrw": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BilledSubscription"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    consentToPrice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "priceKrw": 4900,
                 *       "textVersion": "example"
                 *     }
                 */
                "application/json": components["schemas"]["ChargeConsentIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "subscriptionId": "0193a1b2-c3d4-7e5f-8a6b-0000cd2476df",
                     *       "store": "apple",
                     *       "state": "trial",
                     *       "accessUntil": "2026-12-21T08:30:00.000Z",
                     *       "plan": "monthly",
                     *       "nextPlan": "monthly",
                     *       "trial": true,
                     *       "nextChargeAt": "2026-11-21T08:30:00.000Z",
                     *       "nextChargeKrw": 3
                     *     }
                     */
                    "application/json": components["schemas"]["BilledSubscription"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    openPaymentOrder: {
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
                /**
                 * @example {
                 *       "plan": "monthly",
                 *       "consent": {
                 *         "priceKrw": 4900,
                 *         "textVersion": "example"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PaymentOrderIn"];
            };
        };
        responses: {
            /** @description OK */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orderId": "example",
                     *       "amountKrw": 4900,
                     *       "orderName": "보리",
                     *       "customerKey": "0193a1b2-c3d4-7e5f-8a6b-0000cc3bb73a",
                     *       "clientKey": "보리"
                     *     }
                     */
                    "application/json": components["schemas"]["PaymentOrderOpened"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    confirmPayment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "paymentKey": "example",
                 *       "orderId": "example",
                 *       "amount": 4900
                 *     }
                 */
                "application/json": components["schemas"]["PaymentConfirmation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orderId": "example",
                     *       "plan": "monthly",
                     *       "state": "open",
                     *       "amountKrw": 4900,
                     *       "refundedKrw": 3,
                     *       "paidAt": "2026-11-21T08:30:00.000Z",
                     *       "receiptUrl": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "periodFrom": "2026-11-21T08:30:00.000Z",
                     *       "periodTo": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PaymentOrder"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    refundPayment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orderId": "example"
                 *     }
                 */
                "application/json": components["schemas"]["RefundIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "orderId": "example",
                     *       "plan": "monthly",
                     *       "state": "open",
                     *       "amountKrw": 4900,
                     *       "refundedKrw": 3,
                     *       "paidAt": "2026-11-21T08:30:00.000Z",
                     *       "receiptUrl": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "periodFrom": "2026-11-21T08:30:00.000Z",
                     *       "periodTo": "2026-11-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PaymentOrder"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    receiveTossEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["TossEvent"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReceived"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getWeather: {
        parameters: {
            query: {
                /**
                 * @description Latitude, degrees (WGS84)
                 * @example 37.5443
                 */
                lat: number;
                /**
                 * @description Longitude, degrees (WGS84)
                 * @example 127.0557
                 */
                lng: number;
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
                    /**
                     * @example {
                     *       "now": {
                     *         "observedAt": "2026-11-21T08:30:00.000Z",
                     *         "ageS": 3,
                     *         "isStale": true,
                     *         "temperatureC": 3,
                     *         "feelsLikeC": 3,
                     *         "humidityPct": 3,
                     *         "windMps": 3,
                     *         "windDirectionDeg": 3,
                     *         "precipitation": "none",
                     *         "rainMm": 3
                     *       },
                     *       "soon": {
                     *         "baseAt": "2026-11-21T08:30:00.000Z",
                     *         "ageS": 3,
                     *         "isStale": true,
                     *         "hours": [
                     *           {
                     *             "at": "2026-11-21T08:30:00.000Z",
                     *             "temperatureC": 3,
                     *             "humidityPct": 3,
                     *             "windMps": 3,
                     *             "precipitation": "none",
                     *             "rainMm": 3,
                     *             "sky": "clear",
                     *             "snowCm": 3,
                     *             "rainPct": 3,
                     *             "lightning": true
                     *           }
                     *         ]
                     *       },
                     *       "days": {
                     *         "baseAt": "2026-11-21T08:30:00.000Z",
                     *         "ageS": 3,
                     *         "isStale": true,
                     *         "hours": [
                     *           {
                     *             "at": "2026-11-21T08:30:00.000Z",
                     *             "temperatureC": 3,
                     *             "humidityPct": 3,
                     *             "windMps": 3,
                     *             "precipitation": "none",
                     *             "rainMm": 3,
                     *             "sky": "clear",
                     *             "snowCm": 3,
                     *             "rainPct": 3,
                     *             "lightning": true
                     *           }
                     *         ],
                     *         "days": [
                     *           {
                     *             "date": "2026-11-21",
                     *             "minC": 3,
                     *             "maxC": 3
                     *           }
                     *         ]
                     *       },
                     *       "air": {
                     *         "pm10": {
                     *           "valueUgm3": 3,
                     *           "grade": "good",
                     *           "station": "보리",
                     *           "distanceM": 2340,
                     *           "observedAt": "2026-11-21T08:30:00.000Z",
                     *           "ageS": 3,
                     *           "isStale": true
                     *         },
                     *         "pm25": {
                     *           "valueUgm3": 3,
                     *           "grade": "good",
                     *           "station": "보리",
                     *           "distanceM": 2340,
                     *           "observedAt": "2026-11-21T08:30:00.000Z",
                     *           "ageS": 3,
                     *           "isStale": true
                     *         }
                     *       },
                     *       "missing": [
                     *         {
                     *           "part": "now",
                     *           "reason": "not-configured"
                     *         }
                     *       ],
                     *       "sources": [
                     *         "보리"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Weather"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getWalkScore: {
        parameters: {
            query: {
                /**
                 * @description Latitude, degrees (WGS84)
                 * @example 37.5443
                 */
                lat: number;
                /**
                 * @description Longitude, degrees (WGS84)
                 * @example 127.0557
                 */
                lng: number;
                /** @description The score for this dog of mine; without it for any dog */
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
                    /**
                     * @example {
                     *       "score": 3,
                     *       "level": "good",
                     *       "label": "좋음",
                     *       "reasons": [
                     *         {
                     *           "code": "hot",
                     *           "points": 3,
                     *           "text": "보리"
                     *         }
                     *       ],
                     *       "feelsLikeC": 3,
                     *       "asphaltC": 3,
                     *       "bestHour": {
                     *         "at": "2026-11-21T08:30:00.000Z",
                     *         "score": 3,
                     *         "level": "good",
                     *         "label": "좋음"
                     *       },
                     *       "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *       "observedAt": "2026-11-21T08:30:00.000Z",
                     *       "sources": [
                     *         "보리"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WalkScore"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    searchRegions: {
        parameters: {
            query: {
                /**
                 * @description 동 이름, 또는 “마포 연남”처럼 앞의 이름과 함께
                 * @example 연남
                 */
                q: string;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "code": "1144071000",
                     *           "sido": "서울특별시",
                     *           "gu": "마포구",
                     *           "dong": "연남동",
                     *           "name": "서울특별시 마포구 연남동"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Region"][];
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    resolveRegion: {
        parameters: {
            query: {
                /**
                 * @description Latitude, degrees (WGS84)
                 * @example 37.5443
                 */
                lat: number;
                /**
                 * @description Longitude, degrees (WGS84)
                 * @example 127.0557
                 */
                lng: number;
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
                    /**
                     * @example {
                     *       "code": "1144071000",
                     *       "sido": "서울특별시",
                     *       "gu": "마포구",
                     *       "dong": "연남동",
                     *       "name": "서울특별시 마포구 연남동"
                     *     }
                     */
                    "application/json": components["schemas"]["Region"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listNearbyPlaces: {
        parameters: {
            query: {
                /** @description 없으면 모든 종류 */
                kind?: "vet" | "park" | "cafe" | "lodging" | "shop" | "culture";
                /**
                 * @description Latitude, degrees (WGS84)
                 * @example 37.5443
                 */
                lat: number;
                /**
                 * @description Longitude, degrees (WGS84)
                 * @example 127.0557
                 */
                lng: number;
                radiusM?: number;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "kind": "vet",
                     *           "name": "보리",
                     *           "address": "서울특별시 성동구 뚝섬로 273",
                     *           "phone": "02-460-2905",
                     *           "petNote": "벤치 앞에서 초코를 만났다.",
                     *           "imageUrl": "https://api.example.com/files/eyJ2IjoxfQ",
                     *           "lat": 37.5443,
                     *           "lng": 127.0557,
                     *           "distanceM": 2340,
                     *           "attribution": "보리"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Place"][];
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    searchPlaces: {
        parameters: {
            query: {
                /** @example 애견카페 */
                q: string;
                /** @description Latitude, degrees (WGS84) */
                lat?: number;
                /** @description Longitude, degrees (WGS84) */
                lng?: number;
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "보리",
                     *           "name": "보리",
                     *           "category": "보리",
                     *           "address": "서울특별시 성동구 뚝섬로 273",
                     *           "phone": "02-460-2905",
                     *           "lat": 37.5443,
                     *           "lng": 127.0557,
                     *           "distanceM": 2340,
                     *           "url": "https://api.example.com/files/eyJ2IjoxfQ"
                     *         }
                     *       ],
                     *       "attribution": "Kakao"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FoundPlace"][];
                        /** @enum {string} */
                        attribution: "Kakao";
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listWalkPhotos: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "kind": "pet_profile",
                     *           "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *           "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *           "mine": true,
                     *           "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *           "url1080": "https://api.example.com/files/eyJ2IjoxfQ",
                     *           "widthPx": 3,
                     *           "heightPx": 3,
                     *           "takenAt": "2026-11-21T08:30:00.000Z",
                     *           "position": {
                     *             "lat": 37.5443,
                     *             "lng": 127.0557
                     *           },
                     *           "isHidden": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Photo"][];
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    addWalkPhoto: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /**
                     * Format: binary
                     * @description 10 MB까지
                     */
                    file: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "pet_profile",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *       "mine": true,
                     *       "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "url1080": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "widthPx": 3,
                     *       "heightPx": 3,
                     *       "takenAt": "2026-11-21T08:30:00.000Z",
                     *       "position": {
                     *         "lat": 37.5443,
                     *         "lng": 127.0557
                     *       },
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Photo"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    deleteWalkPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
                /** @example 0193a1b2-c3d4-7e5f-8a6b-0000b3acbd06 */
                photoId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    deletePetPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dGhpcy1pcy1hLXRva2Vu */
                token: string;
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
                    "image/webp": string;
                };
            };
            /** @description 저장소의 주소로 보낸다 (잠시만 유효) */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    uploadWalkPhoto: {
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
                "multipart/form-data": {
                    /** Format: uuid */
                    walkId: string;
                    /**
                     * Format: binary
                     * @description 10 MB까지
                     */
                    file: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "pet_profile",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *       "mine": true,
                     *       "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "url1080": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "widthPx": 3,
                     *       "heightPx": 3,
                     *       "takenAt": "2026-11-21T08:30:00.000Z",
                     *       "position": {
                     *         "lat": 37.5443,
                     *         "lng": 127.0557
                     *       },
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Photo"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    uploadPetProfile: {
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
                "multipart/form-data": {
                    /** Format: uuid */
                    petId: string;
                    /**
                     * Format: binary
                     * @description 10 MB까지
                     */
                    file: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "pet_profile",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *       "mine": true,
                     *       "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "url1080": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "widthPx": 3,
                     *       "heightPx": 3,
                     *       "takenAt": "2026-11-21T08:30:00.000Z",
                     *       "position": {
                     *         "lat": 37.5443,
                     *         "lng": 127.0557
                     *       },
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Photo"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    presignUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "walk_photo",
                 *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                 *       "mediaType": "image/jpeg",
                 *       "sizeBytes": 3
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    kind: "walk_photo";
                    /** Format: uuid */
                    walkId: string;
                    /** @enum {string} */
                    mediaType: "image/jpeg" | "image/png" | "image/webp";
                    sizeBytes: number;
                } | {
                    /** @enum {string} */
                    kind: "pet_profile";
                    /** Format: uuid */
                    petId: string;
                    /** @enum {string} */
                    mediaType: "image/jpeg" | "image/png" | "image/webp";
                    sizeBytes: number;
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
                    /**
                     * @example {
                     *       "uploadId": "0193a1b2-c3d4-7e5f-8a6b-00006b17a403",
                     *       "method": "PUT",
                     *       "url": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "headers": {},
                     *       "expiresAt": "2026-12-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PresignedUpload"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    receiveUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dGhpcy1pcy1hLXRva2Vu */
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/jpeg": string;
                "image/png": string;
                "image/webp": string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    completeUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "uploadId": "0193a1b2-c3d4-7e5f-8a6b-00006b17a403"
                 *     }
                 */
                "application/json": {
                    /** Format: uuid */
                    uploadId: string;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "kind": "pet_profile",
                     *       "walkId": "0193a1b2-c3d4-7e5f-8a6b-000042e5eb8b",
                     *       "petId": "0193a1b2-c3d4-7e5f-8a6b-0000124bdaf3",
                     *       "mine": true,
                     *       "url320": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "url1080": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "widthPx": 3,
                     *       "heightPx": 3,
                     *       "takenAt": "2026-11-21T08:30:00.000Z",
                     *       "position": {
                     *         "lat": 37.5443,
                     *         "lng": 127.0557
                     *       },
                     *       "isHidden": true
                     *     }
                     */
                    "application/json": components["schemas"]["Photo"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    getShareCard: {
        parameters: {
            query?: {
                /** @description milk, night는 누구나; 나머지는 프리미엄 */
                theme?: "milk" | "night" | "forest" | "sunset" | "blossom" | "mono";
            };
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    "image/png": string;
                };
            };
            /** @description If-None-Match의 카드 그대로 */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    listShares: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *           "theme": "보리",
                     *           "createdAt": "2026-11-21T08:30:00.000Z",
                     *           "expiresAt": "2026-12-21T08:30:00.000Z",
                     *           "revokedAt": "2026-11-21T08:30:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": "WyIyMDI2LTExLTIxVDA4OjMwOjAwLjAwMFoiXQ"
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Share"][];
                        /** @description Pass it on as `cursor`; null on the last page */
                        nextCursor: string | null;
                    };
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    makeShare: {
        parameters: {
            query?: never;
            header?: {
                /** @description Kept 24 h: the same key and body replay the same answer */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "theme": "milk",
                 *       "expiresInDays": 3
                 *     }
                 */
                "application/json": {
                    /**
                     * @description milk, night는 누구나; 나머지는 프리미엄
                     * @default milk
                     * @enum {string}
                     */
                    theme?: "milk" | "night" | "forest" | "sunset" | "blossom" | "mono";
                    /** @default 30 */
                    expiresInDays?: number;
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
                    /**
                     * @example {
                     *       "id": "0193a1b2-c3d4-7e5f-8a6b-000000002762",
                     *       "url": "https://api.example.com/files/eyJ2IjoxfQ",
                     *       "expiresAt": "2026-12-21T08:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ShareMade"];
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    revokeShare: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000000002762 */
                id: string;
                /** @example 0193a1b2-c3d4-7e5f-8a6b-000051991773 */
                shareId: string;
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    openShare: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dGhpcy1pcy1hLXRva2Vu */
                token: string;
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
                    "text/html": string;
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    openSharedCard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example dGhpcy1pcy1hLXRva2Vu */
                token: string;
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
                    "image/png": string;
                };
            };
            /** @description If-None-Match의 카드 그대로 */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    restoreAccount: {
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
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
    exportAccount: {
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
                    "application/zip": string;
                };
            };
            /** @description 그 밖의 잘못된 요청 / other client errors */
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
